"""LiveKit: the room, the ears, and the one place that sends."""
