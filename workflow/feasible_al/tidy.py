"""The record of the tidy tables: figures, tables and the report are made of whole ones alone."""

from pathlib import Path

from feasible_al import versions
from feasible_al.config import Config
from feasible_al.errors import InputError
from feasible_al.integrity import MANIFEST, check, digests, read_record, write_record
from feasible_al.io import digest

TABLES = ("curves.csv", "timings.csv", "overlap.csv")
COLLECTED = {"seeds", "datasets", "models", "subsampling", "pseudo_labels", "series"}


def collected_hash(config: Config) -> str:
    """The hash of what the tidy tables are made from."""
    made_from = config.model_dump(mode="json", include=COLLECTED)
    return digest([versions.STAGES["collect"], made_from, config.externals])


def seal_tables(config: Config, run_folder: Path) -> None:
    """Write the record of the tidy tables."""
    folder = run_folder / "tables"
    write_record(folder / MANIFEST, {"hash": collected_hash(config), "files": digests(folder, TABLES)})


def verify_tables(config: Config, run_folder: Path) -> None:
    """Check the tidy tables before figures, tables or the report are made of them.

    Raises:
        InputError: if one is absent, torn, changed or of another config.
    """
    folder = run_folder / "tables"
    remedy = f"run the collect stage again: remove {folder}, and start the run anew"
    facts = read_record(folder / MANIFEST, remedy)
    if facts.get("hash") != collected_hash(config):
        raise InputError(f"the tidy tables are of another config; {remedy}", str(folder / MANIFEST))
    check(folder, facts.get("files", {}), TABLES, remedy)
