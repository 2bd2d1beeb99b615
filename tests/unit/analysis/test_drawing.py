"""What is written in pictures: nothing is cut off, and boxes in place of letters are never kept quiet."""

import dataclasses
import unicodedata
import warnings
from itertools import takewhile

import pytest
from feasible_al.analysis.figures import text as fonts
from feasible_al.analysis.figures import write_figure
from feasible_al.analysis.figures.base import DiagramData, FigureData, Level, SeedLine, Trace
from feasible_al.analysis.figures.draw import compose, draw
from feasible_al.analysis.figures.plasm_diagram import LABELLER, PSEUDO, SUCCESSOR
from feasible_al.analysis.figures.style import LevelStyle, TraceStyle
from feasible_al.report.page import report
from feasible_al.results.messages import notices
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

HAN = "最小"
WIDE = "BERT-BASE > DISTILROBERTA"


def curves(labels, remark="", absent=(), y_label="test accuracy"):
    """A figure with a line for each label."""
    line = SeedLine(1, (0, 1), (1.0, 2.0), (0.4, 0.5))
    style = TraceStyle("#4d6a9d", "o", ())
    traces = tuple(
        Trace(f"s{i}", label, style, (0, 1), line.x, line.y, line.y, line.y, (1, 1), (line,))
        for i, label in enumerate(labels)
    )
    level = Level("m", "all data", LevelStyle(()), 0.6, 0.0, 1)
    return FigureData("f", "F", "labelled", y_label, traces, (level,), absent, "", "", remark)


def diagram(label, remark=""):
    boxes = {LABELLER: f"labeller\n{label}", PSEUDO: "pseudo-labels", SUCCESSOR: label}
    return DiagramData("d", "D", boxes, ((LABELLER, PSEUDO, "labels"),), "", "", remark)


def assert_inside(picture):
    """All that is drawn lies inside the picture, up to a pixel."""
    picture.canvas.draw()
    box = picture.get_tightbbox()
    assert -0.01 <= box.x0 <= box.x1 <= picture.get_figwidth() + 0.01
    assert -0.01 <= box.y0 <= box.y1 <= picture.get_figheight() + 0.01


LABELS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=120).filter(
    str.strip
)


@settings(max_examples=25, deadline=None)
@given(st.lists(LABELS, min_size=1, max_size=6), LABELS)
@example([WIDE, "ELECTRA > CNN-BILSTM-CRF", "XLM-ROBERTA-LARGE, MNLP", "DEBERTA-V3 > MODERNBERT"], "W" * 120)
@example(["W" * 23] * 2, "W" * 500)
@example([f"Variant number {i} of the random control" for i in range(30)], "x")
@example(["_hidden", "$x$", "50% \\alpha", "e\u0301" * 60, "اختيار عشوائي " * 8, "a\u200d" * 90], "\u0301")
@pytest.mark.filterwarnings("ignore:Glyph .* missing from")
def test_nothing_is_cut_off_whatever_the_labels(labels, remark):
    data = curves(labels, remark, (f"{labels[0]}: not run",), y_label=f"test accuracy, minus {remark[:80]}")
    picture = compose(data)
    assert_inside(picture)
    legend = [
        text.get_text().replace("\n", "").replace(" ", "") for text in compose(data).legends[0].get_texts()
    ]
    assert len(legend) == len(labels) + 2
    for label, found in zip(labels, legend, strict=False):
        assert "".join(label.split()).startswith("".join(found.removesuffix("…").split()))
    assert {c for text in picture.findobj(Text) for c in text.get_text()} <= {
        *"".join(data.texts),
        *" \n…0123456789.\N{MINUS SIGN}",
    }


@settings(max_examples=20, deadline=None)
@given(LABELS)
@example("W" * 300)
@example(f"{WIDE} " * 6)
@example("0" * 17 + "\u0350")
@example("\U000101fd " * 40)  # taller than its line
@pytest.mark.filterwarnings("ignore:Glyph .* missing from")
def test_texts_stay_inside_their_boxes(label):
    picture = compose(diagram(label, label))
    assert_inside(picture)
    axes = picture.axes[0]
    for frame, text in zip(axes.patches[:3], axes.texts[:3], strict=True):
        box, around = text.get_window_extent(), frame.get_window_extent()
        assert around.x0 <= box.x0 <= box.x1 <= around.x1
        assert around.y0 <= box.y0 <= box.y1 <= around.y1


def test_a_picture_of_nothing_says_so():
    picture = compose(dataclasses.replace(curves([]), levels=()))
    assert_inside(picture)
    assert [text.get_text() for text in picture.legends[0].get_texts()] == ["Nothing can be drawn."]


def test_short_labels_stand_in_two_columns_and_long_ones_are_whole():
    assert compose(curves(["Small > Small", "random"])).legends[0]._ncols == 2
    label = "one label of a hundred letters or so, which is more than one line of the legend holds, but is no more"
    text = compose(curves([label])).legends[0].get_texts()[0].get_text()
    assert text.split() == label.split()
    assert text.count("\n") == 1
    label = "DistilELECTRA > ELECTRA > XLNet, as many steps as PLASM"
    assert compose(curves([label])).legends[0].get_texts()[0].get_text() == label


def test_a_remark_of_three_hundred_characters_takes_few_lines():
    remark = "Scaled twin: six layers of MPNet in one role, MiniLM in another; 600 texts, 2 iterations. " * 3
    shown = compose(curves(["a"], remark)).get_suptitle()
    assert " ".join(shown.split()) == remark.strip()
    assert shown.count("\n") <= 3


@pytest.fixture
def installed(monkeypatch):
    """A function that makes some font files the only ones beside Matplotlib's own of one family."""
    own = [entry for entry in fontManager.ttflist if entry.name == fonts.BASE]

    def install(*paths):
        monkeypatch.setattr(fontManager, "ttflist", list(own))
        monkeypatch.setattr(
            fonts, "findSystemFonts", lambda: [*(entry.fname for entry in own), *map(str, paths)]
        )
        fonts._characters.cache_clear()

    yield install
    fonts._characters.cache_clear()


@pytest.fixture
def font_of(tmp_path):
    """A function that writes a font with a square for each of some characters."""

    def write(family, characters):
        pen = TTGlyphPen(None)
        for move, point in zip(
            (pen.moveTo, pen.lineTo, pen.lineTo), ((0, 0), (0, 900), (900, 900)), strict=True
        ):
            move(point)
        pen.closePath()
        names = [".notdef", *(f"g{ord(c):x}" for c in characters)]
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({ord(c): name for c, name in zip(characters, names[1:], strict=True)})
        builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
        builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
        builder.setupHorizontalHeader(ascent=1000, descent=-200)
        builder.setupNameTable(
            {"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")}
        )
        builder.setupOS2()
        builder.setupPost()
        builder.save(tmp_path / f"{family}.ttf")
        return tmp_path / f"{family}.ttf"

    return write


def warned(data):
    """The characters that Matplotlib draws boxes for."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compose(data).canvas.draw()
    return {chr(int(str(w.message).split()[1])) for w in caught if "missing from" in str(w.message)}


def test_fonts_that_have_the_characters_are_found_even_new_ones(installed, font_of, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    installed(font_of("Serif of all", HAN + "क"), font_of("A Sans", HAN), broken)
    data = curves([f"x{HAN}", "क", "plain"])
    assert fonts.families(data.texts) == [fonts.BASE, "A Sans", "Serif of all"]
    assert fonts.notice(data.texts) == ""
    assert warned(data) == set()
    draw(data, tmp_path)
    assert b"ASans" in (tmp_path / "f.pdf").read_bytes()
    svg = (tmp_path / "f.svg").read_text()
    assert f">x{HAN}<" in svg
    assert "'DejaVu Sans', 'A Sans'" in svg


def test_only_those_that_are_needed_are_used(installed, font_of):
    installed(font_of("A Sans", HAN))
    assert fonts.families(["Größe ± 1", "\N{NO-BREAK SPACE}\u200d\u3000"]) == [fonts.BASE]


def carried(label, character):
    """A character with all marks that combine with it: where one is lacking, Matplotlib names the first of them."""
    for place in (place for place, other in enumerate(label) if other == character):
        marks = takewhile(_combines, label[place + 1 :])
        yield from (character, *marks)


def _combines(character):
    """Also of Thai and Lao AM, which are a mark and a letter in one."""
    return any(
        unicodedata.category(part).startswith("M") for part in unicodedata.normalize("NFKD", character)
    )


@settings(max_examples=30, deadline=None)
@given(LABELS)
@example("0\N{THAI CHARACTER SARA AM}")
@example("0\N{ARABIC SMALL HIGH FARSI YEH}")
def test_every_box_is_announced(label):
    found = set("".join(fonts.missing_characters([label]).values()))
    for character in warned(curves([label[:40]])):
        assert found & {*carried(label, character)}
    assert found <= set(label)


@pytest.fixture
def boxed(installed, make_run, raw):
    """A run one of whose labels no font has."""
    installed()
    raw["series"]["lc"]["label"] = f"{HAN} 🚀 無"
    return make_run(raw).collect()


def test_the_figures_job_the_run_and_the_report_say_what_is_boxes(boxed, capfd):
    write_figure(boxed.config, "curves_topics", boxed.folder)
    said = capfd.readouterr().err
    assert said.startswith("notice: figure curves_topics: PNG and PDF have boxes")
    assert f"{HAN}🚀無 of '{HAN} 🚀 無'" in said
    assert "fonts-noto-cjk, fonts-symbola" in said
    log = boxed.folder / "logs/figures/curves_topics.log"
    log.parent.mkdir(parents=True)
    log.write_text(f"something else\n{said}")
    assert [f"{line}\n" for line in notices(boxed.config, boxed.folder)] == [said]
    boxed.finish()
    page = report(boxed.config, boxed.folder).read_text()
    assert page.count("PNG and PDF have boxes") == 1


def test_a_run_without_boxes_says_nothing(own_run, capfd):
    write_figure(own_run.config, "curves_topics", own_run.folder)
    assert capfd.readouterr() == ("", "")
    assert list(notices(own_run.config, own_run.folder)) == []
