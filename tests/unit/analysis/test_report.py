import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from feasible_al.analysis.summary import what_was_run
from feasible_al.core.errors import InputError
from feasible_al.jobs.resolve import load
from feasible_al.report.page import ASSETS, report

LC = "acquisition/topics/small/least_confidence/none/seed2"
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """Checks nesting, and keeps tags with attributes and the visible text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page(finished):
    return Page((finished.folder / "report.html").read_text())


def test_its_parts_are_in_order(page):
    parts = [
        "A run made up for tests",
        "This run measures 4 series on Made-up topics (classification) and Made-up spans (tagging), "
        "each repeated with 3 seeds: 62 fits in all.",
        "Made-up topics, Small > Small: test accuracy 0.030 higher than with random labelling on average "
        "over the curve (difference +0.030 [+0.005, +0.055], 95% interval); 3 seeds, too few for a verdict.",
        "Verdicts come from a paired, two-sided t test over seeds at 5%",
        "on one and the same test set.",
        "With fewer than 4 seeds there are numbers but no verdict",
        "Texts that do not exist, under no terms.",
        "Figure 1.",
        "Table 1. Scores",
        "Figure 2.",
        "Duration of acquisition",
        "Machine: machine-a",
        "Classes: for tagging",
        "How it was run",
        "acquire 846.0, full 200.0, successor 288.0",
        "1 of the 62 fits that the curves show",
        "relative to this page",
    ]
    text, place = page.text, 0
    for part in parts:
        assert part in text[place:], part
        place = text.index(part, place)


def test_plasm_ups_and_students_are_explained_where_they_occur(finished_feasible):
    text = Page((finished_feasible.folder / "report.html").read_text()).text
    # Of each of 3 seeds: 4 trajectories and 3 gold curves of 4 points; of what the student chose, large at
    # the 2 points of PLASM, small with its labels at 1 and 2 points, with longer training at 1. 2 full fits.
    parts = [
        "This run measures 8 series on ",
        "104 fits in all, and 1 distilled student.",
        "Made-up topics, Student > Large > Small: test accuracy 0.110 higher than with random labelling without "
        "pseudo-labels at point 3 (difference",
        "without the additional training steps at point 3",
        "Student > Large > Small (soft): test accuracy the same as with random labelling without pseudo-labels "
        "on average at points 1 and 3; 3 seeds, too few for a verdict.",
        "PLASM (pseudo-labelling for acquisition-successor mismatch): one model chooses",
        "+ ups: iterations 1 and 3 of 3 score the whole pool, the others the 10% of it",
        "Figure 1.",
        "Student > Large > Small, at point 3",
        "960 training instances have a label that the labeller gave them",
        "Overlap of queries with the previous ranking",
        "Duration of acquisition",
        "of the pool at its subsampled iterations",
        "Models",
        "Distilled students",
        "How it was run",
        "acquire 1,675.5, distill 51.0, full 200.0",
        "relative to this page",
        "overlap.csv",
    ]
    place = 0
    for part in parts:
        assert part in text[place:], part
        place = text.index(part, place)


def test_nothing_is_loaded_from_anywhere(page):
    assert not {"iframe", "img", "object", "embed"} & {tag for tag, _ in page.tags}
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [{}]
    addresses = [
        v for _, attributes in page.tags for k, v in attributes.items() if k in ("src", "href", "xlink:href")
    ]
    assert addresses
    assert all(not re.match(r"[a-z]+:|//", address) or address.startswith("data:") for address in addresses)
    assert "url(" not in (ASSETS / "style.css").read_text()


def test_linked_files_exist_and_figures_carry_their_data(finished, page):
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    for link in links:
        if not link.startswith(("#", "data:")):
            assert (finished.folder / link).exists(), link
    embedded = [base64.b64decode(link.split(",")[1]) for link in links if link.startswith("data:")]
    assert embedded == [
        (finished.folder / "figures" / f"{name}.csv").read_bytes() for name in finished.config.figures
    ]


def test_ids_are_unique_and_inner_links_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = {a["href"][1:] for tag, a in page.tags if tag == "a" and a["href"].startswith("#")}
    assert inner <= set(ids)


def test_whatever_a_config_or_a_machine_says_is_text(make_run, feasible):
    attack = "</style></title></svg><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    feasible["run"]["title"] = attack
    for name in feasible["datasets"]:
        feasible["datasets"][name] |= {"label": f"{name} {attack}", "note": attack}
    for name in feasible["models"]:
        feasible["models"][name]["label"] = attack
    feasible["series"]["mismatch"]["label"] = attack
    feasible["tables"] = {kind: {"kind": kind, "title": attack} for kind in ("datasets", "scores")}
    feasible["tables"] |= {
        f"a_{kind}": {"kind": kind, "title": attack} for kind in ("rank_overlap", "students")
    }
    feasible["tables"]["times"] = {"kind": "timings", "title": attack}
    feasible["figures"] = {
        "f": {"dataset": "topics", "series": ["lc", "mismatch"], "full": ["small"], "title": attack}
    }
    run = make_run(feasible)
    run.edit_manifest(LC, host=attack, cpu=attack, versions={attack: attack}, commit=attack)
    html = run.finish().read_text()
    page = Page(html)
    assert "img" not in {tag for tag, _ in page.tags}
    assert [tag for tag, _ in page.tags].count("script") == 1  # ours
    assert html.count("</style>") == 1
    assert html.count("</svg>") == 1
    assert "<script>alert(1)</script>" in page.text
    ET.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])  # noqa: S314 - our own drawing


def test_a_refused_table_of_times_says_why_instead_of_numbers(make_run):
    run = make_run()
    run.edit_manifest(LC, device="A GPU")
    text = Page(run.finish().read_text()).text
    assert "No times are shown: they come from more than one device (A GPU and cpu)" in text
    assert "All iterations" not in text


def test_the_nodes_that_took_part_are_told(make_run):
    run = make_run()
    other = {"host": "machine-b", "cpu": "Old", "device": "A GPU", "precision": "bfloat16", "threads": 4}
    run.edit_manifest(LC, elsewhere=[other | {"iterations": [1, 2]}])
    run.edit_manifest("full/topics/small/seed1", host="machine-c")
    text = Page(run.finish().read_text()).text
    assert (
        "Threads Jobs machine-a A processor cpu float32 fast 2 16 machine-b Old A GPU bfloat16 fast 4 1"
        in text
    )
    assert "machine-c A processor cpu float32 fast 2 1" in text


def test_models_that_are_frozen_in_part_are_not_called_frozen():
    opening = what_was_run(load([Path(__file__).parents[3] / "configs/second_opinion.yaml"]))
    whole, part = opening.split(" Frozen, not fine-tuned: ")[1].split(" Frozen in their lower layers: ")
    assert whole == "frozen MiniLM, frozen student of MiniLM, frozen MPNet and frozen student of MPNet."
    assert part == "MiniLM, two layers learn."


def test_the_digests_of_a_checkpoint_are_told(make_run, page):
    assert "Files of" not in page.text
    files = {"model.safetensors": "0123456789abcdef", "config.json": "fedcba9876543210"}
    text = Page(make_run(externals={"models.small": files}).finish().read_text()).text
    assert (
        "Files of Small SHA-256 begins: config.json fedcba9876543210 , model.safetensors 0123456789abcdef Please cite"
        in text
    )


def test_the_software_of_gpus_and_the_energy_behind_a_figure_are_told(make_run, page):
    assert "GPU software" not in page.text
    run = make_run()
    cuda = {"driver": "580.1", "CUDA": "13.0", "cuDNN": "91500"}
    run.edit_manifest(LC, cuda=cuda, joules=3.6e6)
    run.edit_manifest(LC.replace("seed2", "seed3"), cuda=cuda, joules=1.8e6)
    run.edit_manifest("full/topics/small/seed1", joules=None)
    text = Page(run.finish().read_text()).text
    assert "GPU software driver 580.1, CUDA 13.0, cuDNN 91500" in text
    assert "energy of whole GPUs: 1.50 kWh (known for 2 of 11 jobs)" in text


def test_interruptions_are_told(make_run):
    run = make_run()
    run.edit_manifest(LC, attempts=2, resumed_iterations=[3])
    successor = "successor/topics/small/least_confidence/none/seed2/gold/large"
    for point in range(4):
        run.edit_manifest(f"{successor}/point{point}", attempts=3, resumed_iterations=[1, 2])
    text = Page(run.finish().read_text()).text
    assert f"{LC} took 2 attempts; {successor} took 3 attempts. Resumed iterations or points: 3;" in text


def test_one_seed_is_told(make_run, raw):
    raw["seeds"] = [1]
    text = Page(make_run(raw).finish().read_text()).text
    assert "with 1 seed: " in text
    assert "1 seed, too few for a verdict" in text


def test_assumptions_are_in_the_report_only_of_a_config_that_has_inferences(make_run, raw, page):
    assert "Assumptions" not in page.text
    raw["inferences"] = {"end": {"question": "where it <ends>", "decision": "at 0", "reason": "their code"}}
    text = Page(make_run(raw).finish().read_text()).text
    assert "Assumptions" in text
    assert "Question Decision Why where it <ends> at 0 their code How it was run" in text


def test_what_to_cite_is_the_published_paper_beside_the_submission(page):
    assert "Akim Tsvigun, Artem Shelmanov, " in page.text
    assert (
        "Leonid Zhukov (2022). Towards Computationally Feasible Deep Active Learning. Findings of the Association for "
        "Computational Linguistics: NAACL 2022, pages 1198-1218. doi:10.18653/v1/2022.findings-naacl.90. "
    ) in page.text
    assert "Anonymous ACL submission. Towards Computationally Feasible Deep Active Learning. " in page.text


def test_captions_and_notes_have_the_conditions(page):
    assert (
        page.text.count("Seeds: 1 to 3.") == 2 + 2 + 2 + 2
    )  # figures; scores and rank overlap by dataset; times
    assert "Made-up spans: the seed set is 100 tokens, each of 3 queries k = 1% of the tokens." in page.text


def test_truecasing_is_never_called_entity_recognition(page):
    assert "entit" not in page.text.lower()


def test_a_figure_that_was_not_drawn_is_named(own_run):
    with pytest.raises(
        InputError, match=r"curves_topics\.svg: there is no such file; make the figure curves_topics"
    ):
        report(own_run.config, own_run.folder)


def test_every_caption_is_of_a_figure_kind_and_the_first_seven_have_one():
    from feasible_al.jobs.reads import FIGURE_KINDS

    captions = {path.stem for path in (ASSETS / "captions").glob("*.rst")}
    assert captions <= set(FIGURE_KINDS)
    assert captions >= {
        *("learning_curves", "plasm_diagram", "differences", "share_trade_off", "time_trade_off"),
        *("score_against_cost", "score_against_time"),
    }
