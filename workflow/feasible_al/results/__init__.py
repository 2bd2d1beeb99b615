"""What jobs write, and what is known of it: records, states, reasons of failures, tidy tables."""
