"""``feasible-al new``: a documented file to start a component of one's own from."""

import keyword
import re
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from feasible_al.core.errors import InputError
from feasible_al.core.io import whole
from feasible_al.core.registry import NAME
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

PLACEHOLDER = "template_name"


def new(what: str, name: str) -> str:
    """Write ``NAME.py`` into the current folder.

    Args:
        what: "strategy", "subsampling" or "architecture".
        name: of the component, which is a function there.

    Returns:
        What to do next.

    Raises:
        InputError: if the name cannot be a function's or is taken, or the file exists.
    """
    path = Path(f"{name}.py")
    if not re.fullmatch(NAME, name) or not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"{name!r} cannot be a function's name: use letters, digits and _, a letter first")
    if path.exists():
        raise InputError("is there already; choose another name", str(path))
    if name in (RULES if what == "subsampling" else STRATEGIES):
        raise InputError(f"there is a component called {name!r} already; choose another name")
    if find_spec(name):
        raise InputError(f"a file {path} would hide Python's own {name!r}; choose another name")
    template = files("feasible_al").joinpath("templates", f"{what}.py.txt").read_text(encoding="utf-8")
    with whole(path) as temporary:
        temporary.write_text(template.replace(PLACEHOLDER, name), encoding="utf-8")
    check = f"\nfeasible-al check {path}" if what == "strategy" else ""
    return f"{path}: edit it, then name it in a config: plugins: [{path}]{check}"
