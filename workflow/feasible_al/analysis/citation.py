"""What is to be cited, from ``CITATION.cff``."""

from pathlib import Path
from typing import Any

import yaml

from feasible_al.analysis.names import listed

SOURCE = Path(__file__).resolve().parents[3] / "CITATION.cff"


def cited() -> tuple[str, ...]:
    """This software, and what it asks to be cited with it: authors (year), title, place, pages, DOI."""
    software = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return tuple(_line(entry) for entry in (software, *software["references"]))


def _line(entry: dict[str, Any]) -> str:
    authors = listed(
        [
            author.get("name") or f"{author['given-names']} {author['family-names']}"
            for author in entry["authors"]
        ]
    )
    year = f" ({entry['year']})" if "year" in entry else ""
    pages = f", pages {entry['start']}-{entry['end']}" if "start" in entry else ""
    place = f" {entry['collection-title']}{pages}." if "collection-title" in entry else ""
    version = f", version {entry['version']}" if "version" in entry else ""
    doi = f" doi:{entry['doi']}." if "doi" in entry else ""
    notes = f" {entry['notes']}" if "notes" in entry else ""
    return f"{authors}{year}. {entry['title']}{version}.{place}{doi}{notes}"
