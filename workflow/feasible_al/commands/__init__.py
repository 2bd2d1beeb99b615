"""The commands of ``feasible-al``, for people and for the workflow, and what they print."""
