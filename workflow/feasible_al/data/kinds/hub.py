"""Sources of kind `hub`: repositories of the Hugging Face Hub, or local folders laid out like one."""

import os
from pathlib import Path, PurePosixPath
from typing import Any

from feasible_al.config.data import HubSource
from feasible_al.data.digests import of_rows
from feasible_al.data.kinds.loaded import Loaded
from feasible_al.data.paths import expand, several
from feasible_al.data.readers import records
from feasible_al.data.readers.layout import Layout, layout
from feasible_al.data.types import Row
from feasible_al.errors import InputError
from feasible_al.hub import CARD, Repository, snapshot

FORMATS = {".json": "json", ".jsonl": "json", ".csv": "csv", ".parquet": "parquet"}
DATA = ("*.parquet", "*.csv*", "*.tsv*", "*.json*")  # of every configuration of a repository


def _format(source: HubSource, where: str) -> str:
    """The format of the data files: the config's, or that of the files' ending."""
    if source.format is not None:
        return source.format
    files = source.data_files or {}
    endings = {PurePosixPath(name).suffix for paths in files.values() for name in several(paths)}
    if len(endings) == 1 and (ending := endings.pop()) in FORMATS:
        return FORMATS[ending]
    raise InputError("the format of data_files cannot be told from their names; give it", f"{where}.format")


def check(source: HubSource, task: str, where: str) -> None:
    """What can be said without the network: a pinned revision, both splits named, local files present.

    Raises:
        InputError: naming the config key.
    """
    layout("parquet", source.columns, task, source.labels, where)
    repository = expand(source.repository, f"{where}.repository")
    local = Path(repository).is_dir()
    if not local and (repository.startswith((".", "/", "~")) or repository.count("/") > 1):
        raise InputError(f"no such folder: {repository}", f"{where}.repository")
    if not local and "/" not in repository:  # `datasets` would take the name of one of its own loaders
        raise InputError(f"{repository} is no repository: owner/name", f"{where}.repository")
    if not local and source.revision is None:
        raise InputError(f"{repository} is remote, so a revision is required: a commit", f"{where}.revision")
    if source.data_files is None:
        return
    _format(source, where)
    for split in ("train", "test"):
        if split not in source.data_files:
            raise InputError(f"no {split} files are named", f"{where}.data_files.{split}")
        for name in several(source.data_files[split]):
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise InputError(f"{name} is outside the repository", f"{where}.data_files.{split}")
            if local and not any(Path(repository).glob(name)):
                raise InputError(f"no such file in {repository}: {name}", f"{where}.data_files.{split}")


def needed(source: HubSource, where: str) -> Repository | None:
    """What is fetched of a remote repository; None for a local folder.

    Raises:
        InputError: naming the config key.
    """
    name = expand(source.repository, f"{where}.repository")
    if Path(name).is_dir():
        return None
    files = (name for paths in (source.data_files or {}).values() for name in several(paths))
    patterns = tuple(sorted(files)) or DATA
    return Repository("dataset", name, str(source.revision), (*patterns, CARD), f"{where}.repository")


def files_of(source: HubSource, where: str) -> dict[str, Path]:
    """The data files of a repository, and the card that may say how they are laid out, by their names in it.

    Raises:
        InputError: if a remote repository has not been fetched.
    """
    folder = _folder(source, where)
    named = [name for paths in (source.data_files or {}).values() for name in several(paths)]
    found = {path for pattern in (*(named or DATA), CARD) for path in folder.rglob(pattern) if path.is_file()}
    return {path.relative_to(folder).as_posix(): path for path in found}


def _folder(source: HubSource, where: str) -> Path:
    remote = needed(source, where)
    return snapshot(remote) if remote else Path(expand(source.repository, where)).resolve()


def _arguments(source: HubSource, folder: Path, where: str) -> dict[str, Any]:
    """The arguments of `datasets.load_dataset_builder`."""
    if source.data_files is None:
        return {"path": os.fspath(folder), "name": source.name}
    # Not the repository's own builder: it would refuse a repository that has a script beside plain files.
    files = {s: [f"{folder.as_posix()}/{name}" for name in several(p)] for s, p in source.data_files.items()}
    return {"path": _format(source, where), "data_files": files}


def _tables(source: HubSource, where: str) -> Any:
    """The `datasets.DatasetDict` of the repository."""
    import datasets
    from datasets.packaged_modules.csv.csv import Csv
    from datasets.packaged_modules.json.json import Json
    from datasets.packaged_modules.parquet.parquet import Parquet

    folder = _folder(source, where)
    datasets.disable_progress_bars()
    try:
        builder = datasets.load_dataset_builder(**_arguments(source, folder, where))
        if not isinstance(builder, (Csv, Json, Parquet)):  # of the others, some read pickles
            raise InputError(f"{source.repository} has no parquet, CSV or JSON files", f"{where}.repository")
        builder.download_and_prepare()
        return builder.as_dataset()
    except (datasets.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        cause = error.__cause__ or error
        raise InputError(
            f"{source.repository} at {source.revision or 'no revision'} cannot be loaded: {cause}",
            f"{where}.repository",
        ) from error


def _names(feature: Any) -> tuple[str, ...] | None:
    """Label names of a ClassLabel, alone or in a list; None if the feature carries none."""
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return None if names is None else tuple(names)


def _rows(table: Any, lay: Layout, part: str) -> list[Row]:
    columns = [column for column in lay.columns if column in table.column_names]
    found: list[Row] = []
    for batch in table.select_columns(columns).iter(batch_size=1000):
        for values in zip(*(batch[column] for column in columns), strict=True):
            place = f"{part}:{len(found) + 1}"
            found.append(records.row(dict(zip(columns, values, strict=True)), lay, place))
    return found


def load(source: HubSource, task: str, where: str) -> Loaded:
    """The rows of both splits; label names come from the features, or from the config if they have none.

    A remote repository is read from the Hub's cache; the network is never used.

    The digests are of the rows, since a cache keeps no file of the repository as it was.

    Raises:
        InputError: naming the config key, or the row (``repository@revision split:row``).
    """
    check(source, task, where)
    repository = expand(source.repository, f"{where}.repository")
    tables = _tables(source, where)
    named = source.data_files is not None
    origin = f"{source.repository}@{source.revision}" if source.revision else source.repository
    rows: dict[str, list[Row]] = {}
    labels = source.labels
    for split, own, key in (
        ("train", source.train_split, "train_split"),
        ("test", source.test_split, "test_split"),
    ):
        name = split if named else own
        if name not in tables:
            raise InputError(
                f"no split {name!r} in {repository}; there are: {', '.join(tables)}", f"{where}.{key}"
            )
        table = tables[name]
        lay = layout("parquet", source.columns, task, None, where)
        for column in lay.columns:
            if column not in table.column_names:
                raise InputError(
                    f"no column {column!r} in {repository}; there are: {', '.join(table.column_names)}",
                    f"{where}.columns",
                )
        carried = _names(table.features[str(lay.label)])
        if carried is not None and labels is not None and carried != labels:
            raise InputError(
                f"the names are {labels}, and those in {repository} are {carried}", f"{where}.labels"
            )
        labels = carried if carried is not None else labels
        lay = layout("parquet", source.columns, task, labels, where)
        rows[split] = _rows(table, lay, f"{origin} {name}")
    digests = {f"{origin}:{split}": of_rows(found) for split, found in rows.items()}
    return Loaded(rows, labels, f"Hub repository {origin}", digests)
