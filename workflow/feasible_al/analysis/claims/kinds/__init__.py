"""The kinds of claim: one file each with its config block and its hypothesis, found by being in this folder.

Every config loads these files, so they import what measures, and pandas and scipy with it, only when they do.
"""
