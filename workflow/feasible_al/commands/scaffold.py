"""``feasible-al new``: copy an example of the package, under another name, as the start of a component."""

import keyword
import re
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.core.io import whole
from feasible_al.core.registry import NAME, Registry
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

REGISTRIES: dict[str, Registry[Any]] = {
    "strategy": STRATEGIES,
    "subsampling": RULES,
    "architecture": ARCHITECTURES,
}
EXAMPLES = {"strategy": "gini", "subsampling": "half_and_half", "architecture": "bag_of_words"}


def new(what: str, name: str) -> str:
    """Write ``NAME.py`` into the current folder.

    Args:
        what: "strategy", "subsampling" or "architecture".
        name: the name of the component and of its function in the file.

    Returns:
        A sentence that says what to do next.

    Raises:
        InputError: if the name is not a valid function name or is taken, or the file exists.
    """
    path = Path(f"{name}.py")
    if not re.fullmatch(NAME, name) or not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"{name!r} is not a valid function name: use letters, digits and _, a letter first")
    if path.exists():
        raise InputError("the file exists already; choose another name", str(path))
    registry = REGISTRIES[what]
    if name in registry:
        raise InputError(f"there is a {registry.noun} called {name!r} already; choose another name")
    if find_spec(name):
        raise InputError(f"a file {path} would hide the Python module {name!r}; choose another name")
    example = files("feasible_al").joinpath("examples", f"{EXAMPLES[what]}.py").read_text(encoding="utf-8")
    with whole(path) as temporary:
        temporary.write_text(example.replace(EXAMPLES[what], name), encoding="utf-8")
    check = f"\nfeasible-al check {path}" if what == "strategy" else ""
    return f"{path}: edit it, then name it in a config: plugins: [{path}]{check}"
