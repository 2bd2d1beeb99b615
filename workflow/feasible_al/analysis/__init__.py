"""From what the jobs of a run left to intervals, figures, tables and the words of the report."""
