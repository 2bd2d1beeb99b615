"""Datasets: where rows come from, what is checked, how they are kept."""
