"""Hostile labels, titles and notes in everything that shows them, compared with a run with harmless ones."""

import copy
import csv
import re
import struct
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pandas as pd
import pytest
from feasible_al.cli import main
from feasible_al.commands.run import _tail
from feasible_al.core.errors import InputError, printable

VOID = {"meta", "link", "br"}
DRAWN = {"svg", "title", "desc", "defs", "g", "path", "rect", "use", "text", "clipPath", "image"}


def labelled(raw, texts):
    """The fake run's config with a series for each text, and with texts wherever people can write."""
    raw = copy.deepcopy(raw)
    several = list(texts.values())
    raw["run"] |= {"title": " ".join(several[:12]), "scaled": several[0]}
    for place, dataset in enumerate(raw["datasets"].values()):
        dataset |= {"label": several[place], "note": several[-2]}
    for place, model in enumerate(raw["models"].values()):
        model["label"] = several[2 + place]
    for name, text in texts.items():
        raw["series"][name] = {**raw["series"]["lc"], "label": text}
    raw["series"]["skipped"] = {**raw["series"]["lc"], "label": several[3], "skip": several[4]}
    series = ["lc", "mismatch", "plasm", "skipped", *texts]
    kinds = ("datasets", "scores", "timings", "rank_overlap", "students", "hyperparameters")
    raw["tables"] = {f"t_{kind}": {"kind": kind, "title": several[1], "number": several[5]} for kind in kinds}
    raw["figures"] = {
        "f": {"dataset": "topics", "series": series, "full": ["small"], "title": several[0], "number": several[6]},
        "d": {"kind": "plasm_diagram", "dataset": "topics", "series": ["plasm"], "title": several[7]},
    }  # fmt: skip
    raw["claims"] = {
        "c": {"kind": "score", "dataset": "topics", "series": "lc", "reference": "random", "expect": "higher",
              "statement": several[3], "where": several[4]},
    }  # fmt: skip
    return raw


class Page(HTMLParser):
    """The tags of a page with their attributes (separate for drawings), and the text outside drawings."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.drawn, self.words, self.comments = [], [], [], [], 0
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        (self.drawn if "svg" in [*self.open, tag] else self.tags).append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        (self.drawn if "svg" in self.open else self.tags).append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"svg", "style"} & set(self.open):
            self.words.append(data)

    def handle_comment(self, data):
        self.comments += 1


@pytest.fixture(scope="module")
def runs(fake_run, hostile, tmp_path_factory):
    """The folders of a hostile and a harmless run, both with all files up to the report."""
    from feasible_al.analysis.claims.ledger import write_claims

    make, config = fake_run
    folders = []
    for texts in (hostile, {name: f"tame {name}" for name in hostile}):
        run = make(tmp_path_factory.mktemp("run") / "results" / "fake", labelled(config(), texts))
        fact = texts["html"]
        manifest = "acquisition/topics/small/least_confidence/none/seed1"
        run.edit_manifest(manifest, cpu=fact + texts["terminal"], versions={fact: fact}, commit=texts["bidi"])
        run.finish()
        write_claims(run.config, run.folder)
        folders.append(run.folder)
    return folders


def files(folder, pattern):
    """Names and contents of files of a run."""
    found = {path.name: path.read_bytes() for path in sorted(folder.glob(pattern))}
    assert found
    return found


def test_no_element_or_attribute_of_the_report_comes_from_a_label(runs):
    hostile, tame = (Page((folder / "report.html").read_text(encoding="utf-8")) for folder in runs)

    def skeleton(page):
        return [
            (tag, {k: v for k, v in attributes.items() if not str(v).startswith("data:")})
            for tag, attributes in page.tags
        ]

    assert skeleton(hostile) == skeleton(tame)
    assert hostile.comments == tame.comments == 0
    assert {tag for tag, _ in hostile.drawn} <= {tag.lower() for tag in DRAWN}
    for _, attributes in hostile.drawn:
        assert not any(name.startswith("on") for name in attributes)
        assert all(v.startswith(("#", "data:image/png")) for k, v in attributes.items() if k.endswith("href"))
    text = " ".join(hostile.words)
    assert "<script>alert(1)</script>" in text
    assert "{{ 7 * 7 }}" in text
    assert all(printable(line) == line for line in text.split("\n"))


@pytest.mark.parametrize("name", ["f", "d"])
def test_drawings_are_whole_and_of_a_size_to_look_at(name, runs, hostile):
    folder = runs[0] / "figures"
    svg = ET.fromstring((folder / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own drawing
    assert {element.tag.split("}")[1] for element in svg.iter()} <= DRAWN
    png = (folder / f"{name}.png").read_bytes()
    assert max(struct.unpack(">II", png[16:24])) < 4000
    pdf = (folder / f"{name}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert not re.search(rb"/(JS|JavaScript|Launch|URI|EmbeddedFile)\b", pdf)
    if name == "f":  # every label is in the legend as it is, wrapped and cut where it is long
        drawn = "".join("".join(svg.itertext()).split())
        for text in hostile.values():
            assert "".join(printable(text).split())[:100] in drawn


COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"$\pm$": "±",
    "$-$": "\N{MINUS SIGN}",
    "{[}": "[",
    "{*}": "*",
    "~": "\N{NO-BREAK SPACE}",
    **{f"\\{character}": character for character in "{}$&#%_"},
}
TOKEN = re.compile(
    "|".join(map(re.escape, sorted(COMMANDS, key=len, reverse=True))) + r"|[^\\{}$&#%_^~<>\[*]"
)


def read_latex(text):
    """Rows of cells of a tabular, as LaTeX would print them; fails on any other command."""
    lines = [line for line in text.split("\n") if not line.startswith("%")]
    assert re.fullmatch(r"\\begin\{tabular\}\{[lr]+\}", lines[0])
    assert lines[-2:] == [r"\end{tabular}", ""]
    rows = []
    for line in lines[1:-2]:
        if line not in {r"\toprule", r"\midrule", r"\bottomrule", r"\addlinespace"}:
            assert line.endswith(r" \\")
            rows.append([])
            for cell in line.removesuffix(r" \\").split(" & "):
                assert "".join(TOKEN.findall(cell)) == cell, cell
                rows[-1].append("".join(COMMANDS.get(token, token) for token in TOKEN.findall(cell)))
    return rows


def test_latex_prints_labels_and_obeys_none(runs, hostile):
    tame = files(runs[1], "tables/*.tex")
    for name, content in files(runs[0], "tables/*.tex").items():
        text = content.decode()
        assert all(printable(line) == line for line in text.split("\n"))
        found, beside = read_latex(text), read_latex(tame[name].decode())
        assert [len(row) for row in found] == [len(row) for row in beside]
        if name == "t_scores.tex":
            cells = {cell for row in found for cell in row}
            for label in hostile.values():
                assert any(cell.startswith(printable(label)) for cell in cells), label


def test_csv_files_for_people_hold_no_formula(runs, hostile):
    folder, tame = runs
    labels = set()
    for path in [*folder.glob("figures/*.csv"), *folder.glob("tables/*.csv")]:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        with (tame / path.relative_to(folder)).open(encoding="utf-8", newline="") as file:
            assert [len(row) for row in csv.reader(file)] == [len(row) for row in rows]
        for cell in (cell for row in rows for cell in row):
            labels.add(cell)
            if cell.startswith(("=", "+", "-", "@")):
                float(cell)  # a number, or this fails
    assert {"'=cmd|' /C calc'!A0", "'+1+1", "'-2+3", "'@SUM(A1:A9)"} <= labels


def test_tidy_tables_know_nothing_of_labels(runs):
    for name in ("curves", "timings", "overlap"):
        tables = [pd.read_csv(folder / "tables" / f"{name}.csv", dtype=str) for folder in runs]
        # The processor of one job is hostile too, but not a label.
        first, second = (table.drop(columns="processor", errors="ignore") for table in tables)
        pd.testing.assert_frame_equal(first, second)


def test_no_file_appears_under_another_name(runs):
    first, second = ({path.relative_to(folder) for path in folder.rglob("*")} for folder in runs)
    assert first == second


class TestErrors:
    def test_they_cannot_act_on_a_terminal(self, hostile):
        for name, text in hostile.items():
            message = str(InputError(f"the label {text} is bad", f"{text}:3"))
            assert all(printable(line) == line for line in message.split("\n"))
            assert len(message) < 5000
            message.encode()
            if name not in {"words", "word", "lines"}:
                assert f"the label {printable(text)} is bad" in message

    def test_a_place_stays_on_its_line(self):
        assert str(InputError("bad", "a.csv\nerror: b")) == "a.csv error: b: bad"

    def test_what_is_harmless_stays(self):
        text = "Größe, حجم, 大小, \N{NO-BREAK SPACE}می‌خواهم 👩‍🔬 ½ «x»"
        assert printable(text) == text

    def test_half_a_surrogate_pair_and_controls_become_their_escapes(self):
        assert printable("a\ud800b\x1b\x9b\x00\u202e\ufeff") == r"a\ud800b\x1b\x9b\x00\u202e\ufeff"

    def test_of_a_config_file(self, tmp_path, hostile, raw, capsys):
        import yaml

        raw["datasets"]["topics"]["source"]["kind"] = hostile["terminal"]
        raw["series"]["lc"]["strategy"] = hostile["bidi"]
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(raw))
        assert main(["validate", str(tmp_path / "config.yaml")]) == 2
        error = capsys.readouterr().err
        assert "\\x1b]0;owned" in error
        assert all(printable(line) == line for line in error.split("\n"))

    def test_the_end_of_a_log(self, tmp_path, hostile):
        (tmp_path / "log").write_text("\n".join(hostile.values()), encoding="utf-8")
        shown = _tail(tmp_path / "log")
        assert all(printable(line) == line for line in shown.split("\n"))
