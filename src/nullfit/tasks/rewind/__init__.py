"""``task=rewind``: each layer of a trained network put back to earlier epochs."""
