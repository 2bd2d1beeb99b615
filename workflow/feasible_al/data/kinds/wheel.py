"""Sources of kind `wheel`: data files inside an installed Python distribution."""

from pathlib import Path

from feasible_al.config.data import WheelSource
from feasible_al.core.errors import InputError
from feasible_al.data.readers import WHEEL_READERS
from feasible_al.data.types import Loaded
from feasible_al.data.wheels import verified_folder


def check(source: WheelSource, task: str, where: str) -> Path:
    """The folder, after checking that the reader fits the task and the digest is that in the config.

    Raises:
        InputError: naming the config key.
    """
    able = WHEEL_READERS[source.reader].task
    if able != task:
        raise InputError(f"{source.reader} is a {able} dataset, but the task is {task}", f"{where}.reader")
    return verified_folder(source.distribution, source.folder, source.sha256, where)


def load(source: WheelSource, task: str, where: str) -> Loaded:
    """The reader's rows, each split cut to its limit.

    Raises:
        InputError: as `check`.
    """
    folder = check(source, task, where)
    found = WHEEL_READERS[source.reader].read(folder, source.test_share, source.seed)
    limit = source.limit or {}
    rows = {"train": found.train[: limit.get("train")], "test": found.test[: limit.get("test")]}
    description = f"{source.reader} of {source.distribution}/{source.folder}"
    digests = {f"{source.distribution}/{source.folder}": source.sha256}
    return Loaded(rows, None, description, digests, found.counts)
