"""Scores of samples, compared by how well they find wrong labels."""
