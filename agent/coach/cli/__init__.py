"""The coach command, one module per verb."""
