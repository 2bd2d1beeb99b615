"""``feasible-al bundle``: a finished run as an RO-Crate, for a journal or an archive.

An RO-Crate is a folder of files with one that describes them as JSON-LD (Soiland-Reyes et al., 2022,
doi:10.3233/DS-210053; version 1.2 of its specification).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml

from feasible_al.commands.baselines import saved_config
from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import sha256_of, whole
from feasible_al.core.repository import ROOT
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load_saved
from feasible_al.results.integrity import results, verify

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

ARCHIVE = "bundle.zip"
OF_THE_PROJECT = ("requirements.lock", "CITATION.cff", "LICENSE")
TIDY = ("curves", "timings", "overlap")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP archive can hold
FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
}
MEANINGS = {
    "config-*.json": "The config with all defaults",
    "report.html": "The page of the run",
    "requirements.lock": "Exact versions of the software",
    "*stats.json": "How a dataset was prepared, and its sizes",
    "*manifest.json": "How a result was computed, and the SHA-256 of its files",
    "figures/*": "A figure",
    "tables/*": "A table",
}


def bundle(run: Path) -> str:
    """Write ``bundle.zip`` to the folder of a run.

    It holds the config, the lock, the record of each job, figures, tables and the page, but no text of a
    dataset, no model and no prediction. The same files give the same bytes.

    Args:
        run: its folder, or its name below ``results/``.

    Returns:
        What was written, for the user.

    Raises:
        InputError: if there is no such run, something of it is missing or changed, or the package ``rocrate``
            is missing.
    """
    folder = run if run.is_dir() else Path("results") / run
    path = saved_config(folder)
    config = load_saved(path)
    records = dict(_records(config, folder))
    shown = [path.name, "report.html", *_pages(config)]
    sources = {name: folder / name for name in (*shown, *records)} | {n: ROOT / n for n in OF_THE_PROJECT}
    for source in sources.values():
        if not source.is_file():
            raise InputError("there is no such file; finish the run first, with feasible-al run", str(source))
    finished = max(str(facts.get("finished", "")) for facts in records.values())
    crate = _crate(config, sources, finished)
    with whole(folder / ARCHIVE) as temporary:
        _write(temporary, crate, sources)
    size = (folder / ARCHIVE).stat().st_size
    return f"{folder / ARCHIVE}: {len(sources)} files, {size / 1e6:.1f} MB, as an RO-Crate"


def _records(config: Config, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the content of each job's record, checked."""
    for job in jobs_of(config):
        for result in results(job):
            yield str(result.folder / result.record), verify(config, result, folder)


def _pages(config: Config) -> Iterator[str]:
    """The files of figures and tables."""
    for name in config.figures:
        yield from (f"figures/{name}.{ending}" for ending in ("svg", "pdf", "png", "csv"))
    for name in config.tables:
        yield from (f"tables/{name}.{ending}" for ending in ("csv", "tex"))
    yield from (f"tables/{name}.csv" for name in (*TIDY, *(["claims"] if config.claims else [])))


def _crate(config: Config, sources: dict[str, Path], finished: str) -> "ROCrate":
    """The description of the files.

    Args:
        config: the resolved config.
        sources: the files, by their name in the archive.
        finished: when the last job was, as an ISO date and time.
    """
    try:
        from rocrate.model.contextentity import ContextEntity
        from rocrate.model.person import Person
        from rocrate.rocrate import ROCrate
    except ImportError:
        raise InputError(
            "feasible-al bundle needs the package rocrate; install it with: pip install 'feasible-al[bundle]'"
        ) from None

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    def described(identifier: str, kind: str, **properties: Any) -> Any:
        return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **properties}))

    def author(number: int, facts: dict[str, str]) -> Any:
        if "name" in facts:
            return described(f"#author-{number}", "Organization", name=facts["name"])
        name = f"{facts['given-names']} {facts['family-names']}"
        identifier = facts.get("orcid", f"#author-{number}")
        return crate.add(Person(crate, identifier, properties={"name": name}))

    crate = ROCrate(version="1.2")
    crate.metadata.extra_terms["sha256"] = "https://schema.org/sha256"
    crate.name = config.run.title or config.run.name
    crate.description = f"The run {config.run.name} of {citation['title']}"
    crate.root_dataset["datePublished"] = finished
    crate.root_dataset["author"] = [author(n, facts) for n, facts in enumerate(citation["authors"], start=1)]
    crate.license = described(
        f"https://spdx.org/licenses/{citation['license']}", "CreativeWork", name=citation["license"]
    )
    crate.root_dataset["citation"] = [
        described(f"https://doi.org/{paper['doi']}", "ScholarlyArticle", name=paper["title"])
        for paper in citation["references"]
        if "doi" in paper
    ]
    for name, source in sorted(sources.items()):
        crate.add_file(source, name, properties=_properties(name, source))
    return crate


def _properties(name: str, source: Path) -> dict[str, str]:
    """The description of one file."""
    meaning = next((text for pattern, text in MEANINGS.items() if Path(name).match(pattern)), Path(name).name)
    return {
        "name": meaning,
        "sha256": sha256_of(source),
        "contentSize": str(source.stat().st_size),
        "encodingFormat": FORMATS.get(source.suffix, "text/plain"),
    }


def _write(path: Path, crate: "ROCrate", sources: dict[str, Path]) -> None:
    """Write the archive. The library's own would hold the times of files."""
    description = json.dumps(crate.metadata.generate(), indent=2, ensure_ascii=False) + "\n"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr(_entry(crate.metadata.id), description)
        for name, source in sorted(sources.items()):
            archive.writestr(_entry(name), source.read_bytes())


def _entry(name: str) -> ZipInfo:
    """A file of the archive, as readable as any and of no time."""
    entry = ZipInfo(name, EPOCH)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
