"""Readers: a file or a folder in one format, turned into rows."""
