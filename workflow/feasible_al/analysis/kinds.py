"""Names of the figure and table kinds, for config validation, which must not wait for plotting libraries."""

FIGURE_KINDS = ("learning_curves", "plasm_diagram", "share_trade_off", "time_trade_off")
TABLE_KINDS = (
    "architecture",
    "datasets",
    "hyperparameters",
    "memory",
    "overlap",
    "published",
    "scores",
    "students",
    "timings",
)
