"""Where rows come from: a source block of any kind, checked cheaply and loaded."""

from pathlib import Path

from feasible_al.config.data import DatasetBlock, FilesSource, GeneratedSource, HubSource, Source, WheelSource
from feasible_al.data.kinds import files, generated, hub, wheel
from feasible_al.data.readers import FORMATS, WHEEL_READERS
from feasible_al.data.readers import generated as generator
from feasible_al.data.types import Loaded


def check(block: DatasetBlock, where: str) -> None:
    """Check a dataset's source as far as it costs little, before any job runs.

    Args:
        block: the dataset's config.
        where: its config key, such as ``datasets.ag_news``.

    Raises:
        InputError: naming the config key: a file or an environment variable is missing, a wheel is not
            installed or has another digest, a revision is not pinned, the format cannot carry the task.
    """
    where = f"{where}.source"
    match block.source:
        case FilesSource() as source:
            files.check(source, block.task, where)
        case HubSource() as source:
            hub.check(source, block.task, where)
        case WheelSource() as source:
            wheel.check(source, block.task, where)
        case GeneratedSource():
            pass


def files_of(source: Source, where: str) -> dict[str, Path]:
    """The files that a source reads, by names that are the same on every machine.

    None for a wheel, whose digest is in the config, and none for generated text.

    Raises:
        InputError: if one is missing.
    """
    match source:
        case FilesSource():
            return files.files_of(source, where)
        case HubSource():
            return hub.files_of(source, where)
        case WheelSource() | GeneratedSource():
            return {}


def load(source: Source, task: str, where: str) -> Loaded:
    """The rows of a source as they are: only their form is checked.

    Args:
        source: the source block.
        task: "classification" or "tagging".
        where: config key of the source, such as ``datasets.ag_news.source``.

    Raises:
        InputError: naming the config key, or file and line.
    """
    match source:
        case FilesSource():
            return files.load(source, task, where)
        case HubSource():
            return hub.load(source, task, where)
        case WheelSource():
            return wheel.load(source, task, where)
        case GeneratedSource():
            return generated.load(source, task)


def reader_of(source: Source) -> tuple[str, int]:
    """The name of what reads a source, and its version."""
    match source:
        case FilesSource():
            return source.format, FORMATS[source.format].version
        case HubSource():  # a repository may hold files of several formats
            return source.kind, hub.VERSION
        case WheelSource():
            return source.reader, WHEEL_READERS[source.reader].version
        case GeneratedSource():
            return source.kind, generator.VERSION
