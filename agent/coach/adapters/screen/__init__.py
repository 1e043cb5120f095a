"""Pictures of the shared screen: how they differ, how they are kept, what stands on them."""
