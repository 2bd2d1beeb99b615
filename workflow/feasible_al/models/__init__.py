"""Models: encoders, and architectures trained from scratch; all are used through a recipe."""
