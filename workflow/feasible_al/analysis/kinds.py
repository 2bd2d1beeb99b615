"""Names of the figure and table kinds, for config validation, which must not wait for plotting libraries."""

FIGURE_KINDS = (
    "differences",
    "learning_curves",
    "plasm_diagram",
    "score_against_cost",
    "score_against_time",
    "share_trade_off",
    "time_trade_off",
)
TABLE_KINDS = (
    "across_datasets",
    "architecture",
    "break_even",
    "datasets",
    "hyperparameters",
    "labels_to_target",
    "memory",
    "overlap",
    "published",
    "ranking",
    "scores",
    "students",
    "timings",
    "win_tie_loss",
)
