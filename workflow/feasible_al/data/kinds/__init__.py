"""Kinds of sources: one file each checks and loads the source blocks of its kind."""
