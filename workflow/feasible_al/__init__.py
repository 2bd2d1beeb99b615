"""A reproducible benchmark of computationally feasible deep active learning on text."""

__version__ = "0.1.0"
