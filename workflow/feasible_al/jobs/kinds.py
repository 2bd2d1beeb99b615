"""Figure and table kinds, and which results each reads; imports little, since planning needs it.

Results of its series: ``curves``; ``times``, ``overlap`` and ``memory`` of acquisition; ``reference``: the
curves that they are compared with. Results of its datasets: ``everyone``, all curves; ``entrants``, those in
the comparison; ``full``, fits on all data; ``students``; ``sizes``.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Part = Literal[
    "curves", "reference", "everyone", "entrants", "full", "times", "overlap", "memory", "students", "sizes"
]


def _declared(decorator: str) -> dict[str, tuple[Part, ...]]:
    """Kinds and what they read, parsed from the decorators in a folder's files; importing these is slow."""
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
