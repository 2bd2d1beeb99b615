"""What values of a config stand for: paths with environment variables, and shares."""

import os
import re
from fractions import Fraction
from pathlib import Path

from feasible_al.core.errors import InputError

VARIABLE = re.compile(r"\$\{(\w+)\}")
POINTER = b"version https://git-lfs.github.com/spec/"


def expand(path: str, where: str) -> str:
    """``path`` with every ``${NAME}`` replaced from the environment.

    Raises:
        InputError: naming the first variable that is not set.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise InputError(f"the environment variable {match[1]} is not set (in {path!r})", where)
        return os.environ[match[1]]

    return VARIABLE.sub(value, path)


def existing_file(path: str, where: str) -> Path:
    """The expanded path of a file that exists.

    Raises:
        InputError: if a variable is not set or there is no such file.
    """
    found = Path(expand(path, where))
    if not found.is_file():
        raise InputError(f"no such file: {found}", where)
    return found


def several(paths: str | tuple[str, ...]) -> tuple[str, ...]:
    """One path or several paths, always as a tuple."""
    return (paths,) if isinstance(paths, str) else paths


def refuse_pointer(path: Path, where: str) -> None:
    """Refuse a Git LFS pointer, which git leaves in the place of a large file where Git LFS is not installed.

    Raises:
        InputError: explaining how to get the file itself.
    """
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(POINTER)) == POINTER:
                raise InputError(
                    f"{path} is a Git LFS pointer, not the file itself: run git lfs install and git lfs pull",
                    where,
                )


def part(share: float, whole: int) -> Fraction:
    """The exact ``share`` of ``whole``: 0.29 of 100 is 29, where floats give 28.999999999999996.

    Args:
        share: a decimal fraction as written in a config file, such as 0.29.
        whole: the number that a part is taken of.
    """
    return Fraction(str(share)) * whole
