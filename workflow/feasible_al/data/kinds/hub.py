"""Sources of kind `hub`: repositories of the Hugging Face Hub, or local folders laid out like one."""

import os
import tempfile
from dataclasses import fields, replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from feasible_al.config.data import HubSource
from feasible_al.core.errors import InputError
from feasible_al.core.hub import CARD, Repository, listing, snapshot
from feasible_al.core.values import expand, several
from feasible_al.data.readers.base import layout, read
from feasible_al.data.readers.parquet import class_names
from feasible_al.data.rows import digest_of
from feasible_al.data.types import Loaded

BUILDERS = {".json": "json", ".jsonl": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet"}
VERSION = 2  # raised with the version of any file format that it reads
DATA = ("*.parquet", "*.csv*", "*.tsv*", "*.json*")  # the data files of every configuration of a repository


def _format(source: HubSource, where: str) -> str:
    """The format of the data files: the one in the config, or that of the files' ending."""
    if source.format is not None:
        return source.format
    files = source.data_files or {}
    endings = {PurePosixPath(name).suffix for paths in files.values() for name in several(paths)}
    if len(endings) == 1 and (ending := endings.pop()) in BUILDERS:
        return BUILDERS[ending]
    raise InputError("the names of data_files do not tell their format; give it", f"{where}.format")


def check(source: HubSource, task: str, where: str) -> None:
    """Check, without the network, that a revision is pinned, both splits are named and local files exist.

    Raises:
        InputError: naming the config key.
    """
    layout("parquet", source.columns, task, source.labels, where)
    repository = expand(source.repository, f"{where}.repository")
    local = Path(repository).is_dir()
    if not local and (repository.startswith((".", "/", "~")) or repository.count("/") > 1):
        raise InputError(f"no such folder: {repository}", f"{where}.repository")
    if not local and "/" not in repository:  # `datasets` would read it as the name of one of its own loaders
        raise InputError(f"{repository} is not a repository (owner/name)", f"{where}.repository")
    if not local and source.revision is None:
        raise InputError(f"{repository} is remote, so a revision (a commit) is required", f"{where}.revision")
    if source.data_files is None:
        return
    _format(source, where)
    for split in ("train", "test"):
        if split not in source.data_files:
            raise InputError(f"no {split} files are named", f"{where}.data_files.{split}")
        for name in several(source.data_files[split]):
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise InputError(f"{name} is outside the repository", f"{where}.data_files.{split}")
    if local:
        check_files(source, where)


def check_files(source: HubSource, where: str) -> None:
    """Check that the repository has each file that the config names, since fetching skips missing files.

    Raises:
        InputError: naming the config key and what the repository has, or if it has not been fetched.
    """
    remote, folder = repository_of(source, where), _folder(source, where)
    for split, paths in (source.data_files or {}).items():
        for name in several(paths):
            if not any(folder.glob(name)):
                all_files = listing(remote) if remote else _names(folder)
                has = sorted(path for path in all_files if any(fnmatch(path, pattern) for pattern in DATA))
                raise InputError(
                    f"no such file in {remote or folder}: {name}; there are: {', '.join(has) or 'none'}",
                    f"{where}.data_files.{split}",
                )


def repository_of(source: HubSource, where: str) -> Repository | None:
    """The remote repository, and which of its files are fetched; None for a local folder.

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
    """The data files of a repository, and the card that may describe their layout, by their names in it.

    Raises:
        InputError: if a remote repository has not been fetched.
    """
    folder = _folder(source, where)
    named = [name for paths in (source.data_files or {}).values() for name in several(paths)]
    found = {path for pattern in (*(named or DATA), CARD) for path in folder.rglob(pattern) if path.is_file()}
    return {path.relative_to(folder).as_posix(): path for path in found}


def _names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def _folder(source: HubSource, where: str) -> Path:
    remote = repository_of(source, where)
    return snapshot(remote) if remote else Path(expand(source.repository, where)).resolve()


def _arguments(source: HubSource, folder: Path, where: str) -> dict[str, Any]:
    """The arguments of `datasets.load_dataset_builder`."""
    if source.data_files is None:
        return {"path": os.fspath(folder), "name": source.name}
    # Not the repository's own builder: it would refuse a repository that has a script beside plain files.
    files = {s: [f"{folder.as_posix()}/{name}" for name in several(p)] for s, p in source.data_files.items()}
    tabs = {"sep": "\t"} if any(name.endswith(".tsv") for names in files.values() for name in names) else {}
    return {"path": _format(source, where), "data_files": files, **tabs}


def _builder(source: HubSource, folder: Path, cache: str, where: str) -> tuple[str, Any]:
    """The format of the repository's files, and the `datasets.DatasetBuilder` that says which they are."""
    import datasets
    from datasets.packaged_modules.csv.csv import Csv
    from datasets.packaged_modules.json.json import Json
    from datasets.packaged_modules.parquet.parquet import Parquet

    datasets.disable_progress_bars()
    try:
        builder = datasets.load_dataset_builder(**_arguments(source, folder, where), cache_dir=cache)
    except (datasets.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        cause = error.__cause__ or error
        raise InputError(
            f"{source.repository} at {source.revision or 'no revision'} cannot be loaded: {cause}",
            f"{where}.repository",
        ) from error
    for kind, able in (("csv", Csv), ("jsonl", Json), ("parquet", Parquet)):
        if isinstance(builder, able):
            return kind, builder
    # Some of the other builders read pickles.
    raise InputError(f"{source.repository} has no parquet, CSV or JSON files", f"{where}.repository")


def _refuse_options(builder: Any, where: str) -> None:
    """Refuse options that a repository's card sets for the readers of `datasets`, which are not used.

    Those readers guess types: the label ``01`` becomes 1, ``None`` is lost, a date is no longer text.

    Raises:
        InputError: naming the option.
    """
    import datasets

    followed = {field.name for field in fields(datasets.BuilderConfig)}
    followed |= {"delimiter", "features", "chunksize", "batch_size"}
    usual = type(builder.config)()
    for option in fields(usual):
        value = getattr(builder.config, option.name)
        character = option.name == "sep" and isinstance(value, str) and len(value) == 1
        if option.name not in followed and not character and value != getattr(usual, option.name):
            raise InputError(
                f"its card asks for {option.name}: {value!r}, which is not supported; save its rows as plain "
                "files and use `kind: files`",
                f"{where}.repository",
            )


def _files(builder: Any, split: str, cache: str) -> list[Path]:
    """The files of a split, decompressed if need be."""
    import datasets

    manager = datasets.DownloadManager(download_config=datasets.DownloadConfig(cache_dir=cache))
    extracted = [manager.extract(path) for path in builder.config.data_files[split]]
    return [Path(path) for path in manager.iter_files(extracted)]


def load(source: HubSource, task: str, where: str) -> Loaded:
    """The rows of both splits; label names come from the features, or from the config if they have none.

    `datasets` says which files belong to which split; they are read like those of kind `files`. A remote
    repository is read from the Hub's cache; the network is never used.

    The digests are of the rows, since a cache does not keep the repository's files unchanged.

    Raises:
        InputError: naming the config key, or the line of a file.
    """
    check(source, task, where)
    check_files(source, where)
    # The cache of `datasets` is not needed afterwards, and its locks do not work on every file system.
    with tempfile.TemporaryDirectory() as cache:
        return _load(source, task, cache, where)


def _load(source: HubSource, task: str, cache: str, where: str) -> Loaded:
    folder = _folder(source, where)
    kind, builder = _builder(source, folder, cache, where)
    _refuse_options(builder, where)
    splits = {str(split): split for split in builder.config.data_files}
    named = source.data_files is not None
    files: dict[str, list[Path]] = {}
    declared_sizes: dict[str, int | None] = {}
    for split, own in (("train", source.train_split), ("test", source.test_split)):
        name = split if named else own
        if name not in splits:
            raise InputError(
                f"no split {name!r} in {source.repository}; there are: {', '.join(splits)}",
                f"{where}.{split}_split",
            )
        files[split] = _files(builder, name, cache)
        declared_sizes[split] = getattr((builder.info.splits or {}).get(name), "num_examples", None)
    row_layout = layout(kind, source.columns, task, where=where)
    declared = class_names((builder.info.features or {}).get(str(row_layout.label)))
    if declared is not None and source.labels not in (None, declared):
        raise InputError(
            f"the names are {source.labels}, but those in {source.repository} are {declared}",
            f"{where}.labels",
        )
    row_layout = replace(row_layout, labels=declared, delimiter=getattr(builder.config, "sep", None))
    rows, labels = read(kind, files, row_layout, declared or source.labels, where)
    for split, size in declared_sizes.items():
        if size and size != len(rows[split]):
            raise InputError(
                f"its card says {size} {split} rows, but its files have {len(rows[split])}",
                f"{where}.repository",
            )
    origin = f"{source.repository}@{folder.name}" if repository_of(source, where) else source.repository
    digests = {f"{origin}:{split}": digest_of(found) for split, found in rows.items()}
    return Loaded(rows, labels, f"Hub repository {origin}", digests)
