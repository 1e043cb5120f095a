"""The `coach` command, one module for each verb."""
