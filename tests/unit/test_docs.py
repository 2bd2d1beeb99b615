"""Pages say what is so: about own components, the paper, what to cite."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from feasible_al import cli
from feasible_al.config.claims import CLAIM_BLOCKS
from feasible_al.config.data import DatasetBlock
from feasible_al.conformance.check import outcomes, registered
from feasible_al.data.readers import FORMATS
from feasible_al.jobs import plugins
from feasible_al.jobs.resolve import load
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.results import columns
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
DOI = "10.18653/v1/2022.findings-naacl.90"
EXAMPLES = sorted((ROOT / "workflow/feasible_al/examples").glob("*.py"))
STRATEGY_FILES = [path for path in EXAMPLES if path.stem in {"gini", "spread"}]


@pytest.fixture(autouse=True)
def registries(monkeypatch):
    for registry in (STRATEGIES, RULES, ARCHITECTURES):
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    for name in [name for name in sys.modules if name.startswith("feasible_al_plugin_")]:
        monkeypatch.delitem(sys.modules, name)  # each test imports anew


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_shown_whole_and_registers_its_name(example):
    pages = [
        page for page in DOCS.glob("your_*.md") if f"```python\n{example.read_text()}```" in page.read_text()
    ]
    assert len(pages) == 1
    plugins.load(str(example))
    assert any(example.stem in registry for registry in (STRATEGIES, RULES, ARCHITECTURES))


@pytest.mark.parametrize("example", STRATEGY_FILES, ids=lambda path: path.stem)
def test_an_example_of_a_strategy_passes_the_check(example):
    (name,) = registered(str(example))
    for task in STRATEGIES[name].tasks:
        assert [o for o in outcomes(name, task, str(example), 1000) if o.verdict != "pass"] == []


def test_the_first_example_has_fifteen_lines_at_most():
    assert len((ROOT / "workflow/feasible_al/examples/gini.py").read_text().splitlines()) <= 15


@pytest.mark.parametrize("page", sorted(DOCS.glob("*your_*.md")), ids=lambda path: path.stem)
def test_yaml_of_a_page_is_yaml_and_its_lines_are_short(page):
    for block in page.read_text().split("```yaml\n")[1:]:
        assert yaml.safe_load(block.split("```")[0])
    assert max(map(len, page.read_text().splitlines())) <= 115


def test_the_page_about_the_paper_lists_the_inferences_of_its_config():
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", (DOCS / "paper.md").read_text(), re.MULTILINE)
    inferences = load([ROOT / "configs" / "paper.yaml"]).inferences.values()
    assert rows == [
        ("question", "decision", "why"),
        *((i.question, i.decision, i.reason) for i in inferences),
    ]


def test_only_the_papers_run_infers():
    for path in (ROOT / "config.yaml", *(ROOT / "configs").glob("*.yaml")):
        assert ("inferences" in yaml.safe_load(path.read_text())) == (
            path.stem in {"paper", "twin", "published"}
        )


def test_the_published_paper_is_cited_beside_the_submission():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    published, submitted = citation["references"]
    assert (published["doi"], published["year"], published["authors"][0]["family-names"]) == (
        DOI,
        2022,
        "Tsvigun",
    )
    assert published["title"] == submitted["title"] == "Towards Computationally Feasible Deep Active Learning"
    assert submitted["authors"] == [{"name": "Anonymous ACL submission"}]
    for page in (ROOT / "README.md", DOCS / "paper.md"):
        text = " ".join(page.read_text().replace("*", "").split())
        assert DOI in text
        assert published["title"] in text
        assert "submitted version" in text


def test_the_page_about_the_paper_names_every_kind_of_claim():
    (listed,) = re.findall(r"kind: score # (.+) are the other kinds", (DOCS / "paper.md").read_text())
    assert {"score", *re.split(", | and ", listed)} == set(CLAIM_BLOCKS.blocks())


def test_the_page_of_evidence_is_what_its_ledger_gives(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from evidence import PAGE, page

    assert PAGE.read_text() == page()


def commands_of(page):
    """The lines of a page's shell blocks, without comments and what they redirect."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.split(" > ")[0] for line in lines if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_commands_of_a_page_are_commands(page, capsys):
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in commands_of(page):
        program, *arguments = shlex.split(line, comments=True) or [""]
        if [program, *arguments[:1]] == ["podman", "run"]:
            image = arguments.index("feasible-al")
            program, arguments = arguments[image], arguments[image + 1 :]
        if Path(program).name == "feasible-al":
            try:
                cli._parser().parse_args(arguments)
            except SystemExit as ended:
                assert not ended.code, f"{line}\n{capsys.readouterr().err}"
        if program == "make":
            assert set(filter(str.islower, arguments)) <= set(targets), line


def test_pages_show_commands():
    assert sum("feasible-al" in line for page in PAGES for line in commands_of(page)) > 15
    with pytest.raises(SystemExit):
        cli._parser().parse_args(["run"])


@pytest.mark.parametrize(
    ("heading", "tables"),
    [
        ("Trajectories", (columns.QUERIES, columns.SCORES)),
        ("Scores of models", (columns.METRICS, columns.TEST_LABELS)),
        ("Times", (columns.PHASES,)),
        ("Tidy tables", (columns.CURVES, columns.TIMINGS, columns.OVERLAP)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_page_of_files_names_every_column(heading, tables):
    section = (DOCS / "files.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    shown = [table.split("\n\n")[0] for table in section.split("| column | meaning |\n|---|---|\n")[1:]]
    for text, expected in zip(shown, tables, strict=True):
        cells = re.findall(r"^\| (.+?) \|", text, re.MULTILINE)
        assert re.findall(r"`(\w+)`", " ".join(cells)) == list(expected)


def test_every_dataset_of_the_page_about_data_is_one():
    blocks = [block.split("```")[0] for block in (DOCS / "your_data.md").read_text().split("```yaml\n")[1:]]
    datasets = [dataset for block in blocks for dataset in yaml.safe_load(block)["datasets"].values()]
    sources = [DatasetBlock.model_validate(dataset).source.kind for dataset in datasets]
    assert sources == ["files", "files", "hub"]


def test_the_page_about_data_has_the_default_columns_of_every_format():
    _, table = (DOCS / "your_data.md").read_text().split("|---|---|---|---|\n")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) ?\| (.*?) ?\|", table, re.MULTILINE)
    shown = {name: [re.findall(r"`(\w+)`", cell) for cell in cells] for name, *cells in rows}
    tasks = ("classification", "tagging")
    expected = {name: [[*kind.columns.get(task, ())] for task in tasks] for name, kind in FORMATS.items()}
    assert (expected.pop("conll"), shown.pop("conll")) == ([[], [0, -1]], [[], []])  # in words
    assert shown == expected
