"""Names of the figure and table kinds, for config validation, which must not wait for plotting libraries."""

FIGURE_KINDS = ("learning_curves",)
TABLE_KINDS = ("datasets", "overlap", "scores", "students", "timings")
