"""The kinds of figures and tables, and which parts of a run's results each reads.

Parts about its series: ``curves``; ``times``, ``overlap`` and ``memory`` of acquisition; ``reference``, the
curves of the series that they are compared with. Parts about its datasets: ``everyone``, the curves of all
series; ``entrants``, those of the series in the comparison; ``full``, fits on all data; ``students``;
``sizes``.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Part = Literal[
    "curves", "reference", "everyone", "entrants", "full", "times", "overlap", "memory", "students", "sizes"
]


def _declared(decorator: str) -> dict[str, tuple[Part, ...]]:
    """Kinds and the parts that they read, parsed from the decorators in a folder; importing it is slow."""
    found = {}
    for path in (Path(__file__).parents[1] / "analysis" / f"{decorator}s").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Name)
                    and call.func.id == decorator
                ):
                    said = {keyword.arg: keyword.value for keyword in call.keywords}
                    found[ast.literal_eval(call.args[0])] = ast.literal_eval(said["reads"])
    return dict(sorted(found.items()))


FIGURE_KINDS: Mapping[str, tuple[Part, ...]] = _declared("figure")
TABLE_KINDS: Mapping[str, tuple[Part, ...]] = _declared("table")
PUBLISHED: Mapping[str, tuple[Part, ...]] = {
    "1": ("times",),
    "2": ("overlap",),
    "3": ("sizes",),
    "6": ("times",),
}
"""What a table of kind ``published`` reads, by the paper's table."""
