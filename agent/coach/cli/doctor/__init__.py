"""`coach doctor`: its checks, a module for each place they look at, and the command."""
