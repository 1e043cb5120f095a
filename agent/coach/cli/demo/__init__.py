"""`coach demo`: a recorded call through the whole product, with real processes and a real room."""
