"""A small product that embeds the coach: its two endpoints, its pages, and the command for both."""
