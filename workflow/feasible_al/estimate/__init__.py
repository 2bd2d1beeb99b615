"""Estimates of a run's work, time, disk space and power, from sizes alone: without data, network or torch."""
