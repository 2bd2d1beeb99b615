"""Stages: read files, call pure code, write files; one file per step of the workflow."""
