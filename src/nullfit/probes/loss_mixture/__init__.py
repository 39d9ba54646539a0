"""``probe=loss_mixture``: which labels are corrupted, by the losses of the training samples."""
