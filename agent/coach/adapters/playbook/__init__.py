"""The playbook folder: schema, loader, checks."""
