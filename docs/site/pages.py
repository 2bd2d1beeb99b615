"""Write the pages of the documentation site, from which MkDocs makes HTML.

The pages are those of this folder's parent as they are, README.md, CONTRIBUTING.md and CHANGELOG.md, all
config keys, all commands and an example report. Links that lead out of `docs/` on GitHub lead to the same
pages of the site, or to copies of the files.

Usage: python docs/site/pages.py REPORT, with the report of a run. MkDocs then finds the pages in
`site/pages`.
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import commands_page
import config_keys
from feasible_al import cli

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ROOT / "site" / "pages"
ELSEWHERE = {
    ROOT / "README.md": "index.md",
    ROOT / "CONTRIBUTING.md": "contributing.md",
    ROOT / "CHANGELOG.md": "changelog.md",
}
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]+)")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)

EXAMPLE = """\
# An example report

[The report of `make smoke`](example/report.html): a run of a minute on generated text, whose numbers say
nothing about methods. It has every part that a report of your data has: learning curves, tables of times,
what distillation and UPS saved, and how the run was made. It is one file, which needs no network.
"""


def write(pages: Path, report: Path) -> None:
    """Write all pages into a folder, which is emptied first.

    Args:
        pages: the folder.
        report: the page of a run, shown as the example.
    """
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("site", "*.md"))
    for source in (*DOCS.rglob("*.md"), *ELSEWHERE):
        _page(source, pages)
    _text(pages / "config_keys.md", config_keys.page(json.loads((ROOT / "config.schema.json").read_text())))
    _text(pages / "commands.md", commands_page.page(cli._parser()))
    _text(pages / "example.md", EXAMPLE)
    (pages / "example").mkdir()
    shutil.copyfile(report, pages / "example" / "report.html")


def _page(source: Path, pages: Path) -> None:
    place = _place(source)
    parts = FENCE.split(source.read_text(encoding="utf-8"))
    # Code is shown as it is: it has brackets of its own.
    parts[::2] = [LINK.sub(lambda link: _linked(link[1], source, place, pages), part) for part in parts[::2]]
    _text(pages / place, "".join(parts))


def _place(source: Path) -> str:
    """Where the site has a file of the repository."""
    if source in ELSEWHERE:
        return ELSEWHERE[source]
    return str(source.relative_to(DOCS if source.is_relative_to(DOCS) else ROOT))


def _linked(target: str, source: Path, place: str, pages: Path) -> str:
    """The link of the site to what a page links to. A file outside of `docs/` that is no page is copied."""
    file = Path(os.path.normpath(source.parent / target))
    if not (file.is_file() and file.is_relative_to(ROOT)):
        return target  # MkDocs says that there is no such page
    if not file.is_relative_to(DOCS) and file not in ELSEWHERE:
        (pages / _place(file)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, pages / _place(file))
    return os.path.relpath(_place(file), Path(place).parent)


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(PAGES, Path(sys.argv[1]))
