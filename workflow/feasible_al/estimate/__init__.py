"""What a run will compute and how long that takes: from sizes alone, without data, network or torch."""
