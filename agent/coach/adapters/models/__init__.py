"""The advisor's model behind any OpenAI-compatible endpoint."""
