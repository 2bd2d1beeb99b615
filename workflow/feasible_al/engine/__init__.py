"""Training and prediction: the same loops for every model and both tasks."""
