"""The looks of figures: one name, order, colour and line for each corruption."""
