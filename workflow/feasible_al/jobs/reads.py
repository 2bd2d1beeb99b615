"""The kinds of figures and tables, and which parts of a run's results each reads.

Parts about its series: ``curves``; ``times``, ``overlap`` and ``memory`` of acquisition; ``queries``, the
instances of each class that a trajectory labelled; ``reference``, the curves of the series that they are
compared with. Parts about its datasets: ``everyone``, the curves of all series; ``entrants``, those of the
series in the comparison; ``full``, fits on all data; ``students``; ``sizes``. ``labellers``: the records of
imported labellers of its series.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

ANALYSIS = Path(__file__).parents[1] / "analysis"

Part = Literal[
    "curves",
    "reference",
    "everyone",
    "entrants",
    "full",
    "times",
    "overlap",
    "memory",
    "queries",
    "students",
    "sizes",
    "labellers",
]


def declared(decorator: str, folder: Path = ANALYSIS) -> dict[str, tuple[Part, ...]]:
    """Kinds and the parts that they read, parsed from the decorators in a folder; importing it is slow.

    Raises:
        ValueError: with file and line, for a decorator that is not written out as literals.
    """
    found = {}
    for path in (folder / f"{decorator}s").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == decorator:
                    try:
                        kind = ast.literal_eval(call.args[0])
                        parts = next(ast.literal_eval(k.value) for k in call.keywords if k.arg == "reads")
                        if not set(parts) <= set(get_args(Part)):
                            raise ValueError(parts)
                    except (IndexError, StopIteration, ValueError) as error:
                        written = f'@{decorator}("KIND", ..., reads=("PART", ...))'
                        raise ValueError(
                            f"{path}:{call.lineno}: write {written} with literal values; "
                            f"parts are {', '.join(get_args(Part))}"
                        ) from error
                    found[kind] = parts
    return dict(sorted(found.items()))


FIGURE_KINDS: Mapping[str, tuple[Part, ...]] = declared("figure")
TABLE_KINDS: Mapping[str, tuple[Part, ...]] = declared("table")
PUBLISHED: Mapping[str, tuple[Part, ...]] = {
    "1": ("times",),
    "2": ("overlap",),
    "3": ("sizes",),
    "6": ("times",),
}
"""What a table of kind ``published`` reads, by the paper's table."""
