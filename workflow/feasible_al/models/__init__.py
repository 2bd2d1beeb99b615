"""Models: encoders and architectures trained from scratch, each behind the same recipe."""
