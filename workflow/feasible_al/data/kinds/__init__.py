"""Kinds of sources: what a config block of each kind is turned into."""
