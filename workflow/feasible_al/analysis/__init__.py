"""From the tidy tables of a finished run to intervals, figures, tables and the words of the report."""
