"""``probe=gradients``: how well the gradients of single samples agree."""
