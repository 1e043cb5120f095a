"""Sales coach."""
