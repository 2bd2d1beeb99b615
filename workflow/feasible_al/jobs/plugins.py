"""Plug-ins: Python files that a config names, and entry points of installed packages.

Importing a plug-in registers the components that it defines, as importing this package's own files does. It
runs the code: trust a config that names plug-ins only as far as you would trust a program.
"""

import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from feasible_al.core.errors import InputError, unknown_name
from feasible_al.core.io import sha256_of
from feasible_al.core.values import existing_file

GROUP = "feasible_al.strategies"


def load(name: str, where: str = "plugins") -> ModuleType:
    """Import a plug-in; a file whose content has not changed is imported once.

    Args:
        name: a path that ends in ``.py``, ``${NAME}`` taken from the environment; or the name of an
            installed entry point of the group ``feasible_al.strategies``, which is a module.
        where: the config key, for errors.

    Raises:
        InputError: if there is no such file or entry point, or importing it fails, with the line.
    """
    if name.endswith(".py"):
        return _file(existing_file(name, where).resolve())
    known = installed()
    if name not in known:
        raise unknown_name("plug-in", name, [*known, "a path that ends in .py"], where)
    with _blamed(known[name]):
        return importlib.import_module(known[name])


def installed() -> dict[str, str]:
    """The modules of installed entry points, by the entry's name."""
    return {entry.name: entry.module for entry in entry_points(group=GROUP)}


def _file(path: Path) -> ModuleType:
    name = f"feasible_al_plugin_{sha256_of(path)[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("is not a Python file", str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        with _blamed(str(path)):
            spec.loader.exec_module(module)
    except InputError:
        del sys.modules[name]
        raise
    return module


@contextmanager
def _blamed(origin: str) -> Iterator[None]:
    """Turn anything that importing a plug-in raises, an exit included, into an InputError."""
    try:
        yield
    except InputError as error:
        raise InputError(str(error), origin) from error
    except (Exception, SystemExit) as error:
        what = f"cannot be imported: {type(error).__name__}: {error}"
        raise InputError(what, _place(error, origin)) from error


def _place(error: BaseException, origin: str) -> str:
    """``file:line`` of the last line of the plug-in that ran, or of its syntax error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == origin]
    return f"{origin}:{lines[-1]}" if lines else origin
