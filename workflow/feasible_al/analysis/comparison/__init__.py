"""Strategies against each other: measures of curves, statistics of paired seeds, and who meets whom."""
