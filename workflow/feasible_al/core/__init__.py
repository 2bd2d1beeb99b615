"""What everything else stands on and what knows nothing of the suite: errors, files, names, chance."""
