"""Check that a query strategy keeps its contract: ``feasible-al check``."""
