"""``task=measures``: what might explain that trained networks generalize."""
