"""The commands that people and the workflow give, and what they say meanwhile."""
