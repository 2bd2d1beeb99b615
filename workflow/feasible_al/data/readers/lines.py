"""Text files read line by line, so that every error can name its line."""

from collections.abc import Iterator
from pathlib import Path

from feasible_al.core.errors import InputError


def lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file with their ends, a byte order mark removed.

    Raises:
        InputError: if the file cannot be opened, or a line is not UTF-8.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(path)) from error
    with file:
        # Decoded line by line: a decoder over the whole file knows its offset, not its line.
        for number, raw in enumerate(file, start=1):
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"not UTF-8 (byte {raw[error.start]:#04x}); convert the file", f"{path}:{number}"
                ) from error


def empty(path: Path) -> InputError:
    """The error for a file without a single row."""
    return InputError("the file has no rows", str(path))
