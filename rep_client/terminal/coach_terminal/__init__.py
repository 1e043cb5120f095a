"""Terminal rep client."""
