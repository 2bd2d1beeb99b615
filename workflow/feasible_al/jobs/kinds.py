"""Figure and table kinds, and what of a run's results each reads; light, since planning needs it.

Of its series: ``curves``; ``times``, ``overlap`` and ``memory`` of acquisition; ``reference``: the curves of
what they are compared with. Of its datasets: ``everyone``, all curves; ``entrants``, those in the comparison;
``full``, fits on all data; ``students``; ``sizes``.
"""

from collections.abc import Mapping
from typing import Literal

Part = Literal[
    "curves", "reference", "everyone", "entrants", "full", "times", "overlap", "memory", "students", "sizes"
]

FIGURE_KINDS: Mapping[str, tuple[Part, ...]] = {
    "differences": ("curves", "reference"),
    "learning_curves": ("curves", "full"),
    "plasm_diagram": (),
    "score_against_cost": ("curves", "times"),
    "score_against_time": ("curves", "times"),
    "share_trade_off": ("curves", "times"),
    "time_trade_off": ("curves", "times"),
}
TABLE_KINDS: Mapping[str, tuple[Part, ...]] = {
    "across_datasets": ("entrants",),
    "architecture": (),
    "break_even": ("entrants", "full", "times"),
    "datasets": ("sizes",),
    "hyperparameters": (),
    "labels_to_target": ("entrants", "full"),
    "memory": ("memory",),
    "overlap": ("overlap",),
    "published": (),
    "ranking": ("entrants",),
    "scores": ("everyone",),
    "students": ("students",),
    "timings": ("times",),
    "win_tie_loss": ("entrants",),
}
PUBLISHED: Mapping[str, tuple[Part, ...]] = {
    "1": ("times",),
    "2": ("overlap",),
    "3": ("sizes",),
    "6": ("times",),
}
"""What a table of kind ``published`` reads, by the paper's table."""
