"""Images that do not fit into memory: read, corrupted and measured a batch at a time."""
