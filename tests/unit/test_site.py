"""The documentation site: generated pages leave nothing out, and links lead somewhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from feasible_al import cli

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "site"
SCHEMA = json.loads((ROOT / "config.schema.json").read_text())


@pytest.fixture(autouse=True)
def _scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SITE))


def blocks():
    return {"Config": SCHEMA, **SCHEMA["$defs"]}


def test_every_key_of_every_block_has_a_row():
    from config_keys import page

    rows = re.findall(r"^\| `(\w+)` \| .+ \| .* \| .* \|$", page(SCHEMA), re.MULTILINE)
    assert sorted(rows) == sorted(key for block in blocks().values() for key in block.get("properties", ()))


def test_every_description_is_shown():
    from config_keys import page

    shown = page(SCHEMA).replace("&lt;", "<").replace("&#124;", "|")
    described = [
        d["description"]
        for b in blocks().values()
        for d in b.get("properties", {}).values()
        if "description" in d
    ]
    assert len(described) > 150
    assert [text for text in described if " ".join(text.split()) not in shown] == []


def test_a_key_is_shown_with_its_type_its_default_and_its_meaning():
    from config_keys import page

    inner = {
        "properties": {
            "kind": {"const": "small", "type": "string"},
            "size": {"type": "integer", "minimum": 1, "default": 3, "description": "How\n<large> a|b."},
        }
    }
    schema = {
        "$defs": {"Small": inner},
        "required": ["things"],
        "properties": {
            "things": {"type": "object", "patternProperties": {"^a$": {"$ref": "#/$defs/Small"}}},
            "other": {"anyOf": [{"$ref": "#/$defs/Small"}, {"type": "null"}], "default": None},
        },
    }
    text = page(schema)
    assert "| `things` | by name: [block](#small) |  |  |" in text
    assert "| `other` | [block](#small) | unset |  |" in text
    assert "## `things.NAME`, kind `small` {#small}" in text
    assert "Also at `other`." in text
    assert "| `size` | whole number ≥ 1 | `3` | How &lt;large> a&#124;b. |" in text


def test_every_command_has_a_section(capsys):
    from commands_page import page

    with pytest.raises(SystemExit):
        cli.main(["--help"])
    named = re.findall(r"^    (\w+)(?: |$)", capsys.readouterr().out, re.MULTILINE)
    assert len(named) > 15
    text = page(cli._parser())
    assert sorted(named) == sorted(re.findall(r"^## `feasible-al (\w+)`$", text, re.MULTILINE))
    assert "--at-once" in text


@pytest.fixture
def staged(tmp_path):
    """The pages of the site, with a report that stands for a run's."""
    from pages import write

    (tmp_path / "report.html").write_text("<title>A report</title>")
    write(tmp_path / "site" / "pages", tmp_path / "report.html")
    return tmp_path


def test_links_out_of_the_folder_of_pages_lead_to_the_sites_own(staged):
    pages = staged / "site" / "pages"
    assert "](slurm.md)" in (pages / "index.md").read_text()
    assert "](index.md#results)" in (pages / "files.md").read_text()
    assert "](workflow/feasible_al/examples/gini.py)" in (pages / "your_strategy.md").read_text()
    example = "workflow/feasible_al/examples/gini.py"
    assert (pages / example).read_text() == (ROOT / example).read_text()
    assert (pages / "example/report.html").read_text() == "<title>A report</title>"


def test_code_is_shown_as_it_is(staged):
    block = (ROOT / "README.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert f"```yaml\n{block}```" in (staged / "site/pages/index.md").read_text()


class Loaded(HTMLParser):
    """What a page loads when it is opened."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        name = {"script": "src", "img": "src", "iframe": "src", "link": "href"}.get(tag)
        self.addresses += [value for key, value in attributes if key == name]


@pytest.fixture(scope="module")
def mkdocs(tmp_path_factory):
    """The program, in an environment of its own from the site's lock."""
    folder = tmp_path_factory.mktemp("mkdocs")
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=300)
    lock = SITE / "requirements.lock"
    answer = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", lock],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if answer.returncode:
        pytest.skip(f"MkDocs cannot be installed: {answer.stderr.strip().splitlines()[-1]}")
    return folder / "bin" / "mkdocs"


def build(mkdocs, folder):
    (folder / "docs/site").mkdir(parents=True, exist_ok=True)
    shutil.copy(SITE / "mkdocs.yml", folder / "docs/site")
    # Its own Python's packages alone.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [mkdocs, "build", "--strict", "--config-file", "docs/site/mkdocs.yml"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_site_is_built_without_a_broken_link_and_loads_nothing_from_elsewhere(mkdocs, staged):
    answer = build(mkdocs, staged)
    assert answer.returncode == 0, answer.stderr
    found = Loaded()
    pages = [path for path in (staged / "site/html").glob("*.html") if path.name != "404.html"]
    assert len(pages) == len([*(staged / "site/pages").glob("*.md")])
    for page in pages:
        found.feed(page.read_text())
    assert len(found.addresses) > len(pages)
    assert [address for address in found.addresses if re.match(r"(\w+:)?//", address)] == []


@pytest.mark.slow
@pytest.mark.parametrize("link", ["no_such_page.md", "files.md#no-such-heading", "../results/report.html"])
def test_a_broken_link_is_an_error(mkdocs, staged, link):
    with (staged / "site/pages/glossary.md").open("a") as page:
        page.write(f"\n[broken]({link})\n")
    answer = build(mkdocs, staged)
    assert answer.returncode != 0
    assert link.rpartition("#")[2] in answer.stderr


def test_the_site_has_a_lock_of_its_own():
    lines = (SITE / "requirements.lock").read_text().splitlines()[1:]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert any(line.startswith("mkdocs-material==") for line in lines)


def test_every_page_of_the_repository_is_in_the_menu(staged):
    text = (SITE / "mkdocs.yml").read_text()
    menu = yaml.safe_load(text[text.index("nav:") :])["nav"]
    listed = re.findall(r"\w+\.md", json.dumps(menu))
    assert sorted(listed) == sorted(path.name for path in (staged / "site/pages").glob("*.md"))
