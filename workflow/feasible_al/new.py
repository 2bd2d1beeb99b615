"""``feasible-al new``: a documented file to start a component of one's own from."""

import keyword
from importlib.resources import files
from pathlib import Path

from feasible_al.errors import InputError
from feasible_al.io import whole

PLACEHOLDER = "template_name"


def new(what: str, name: str) -> str:
    """Write ``NAME.py`` into the current folder.

    Args:
        what: "strategy", "subsampling" or "architecture".
        name: of the component, which is a function there.

    Returns:
        What to do next.

    Raises:
        InputError: if the name cannot be a function's, or the file exists.
    """
    path = Path(f"{name}.py")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(f"{name!r} cannot be a function's name: use letters, digits and _")
    if path.exists():
        raise InputError("is there already; choose another name", str(path))
    template = files("feasible_al").joinpath("templates", f"{what}.py.txt").read_text(encoding="utf-8")
    with whole(path) as temporary:
        temporary.write_text(template.replace(PLACEHOLDER, name), encoding="utf-8")
    check = f"\nfeasible-al check {path}" if what == "strategy" else ""
    return f"{path}: edit it, then name it in a config: plugins: [{path}]{check}"
