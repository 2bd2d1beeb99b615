"""Write docs/evidence.md: what the scaled twin and the second opinion say about the paper's claims.

With the folder of a finished run of ``configs/paper.yaml configs/twin.yaml``, or of
``configs/second_opinion.yaml``, its ledger and figures (of the twin, also Table 2) are taken into
``docs/twin/`` or ``docs/second_opinion/`` first. Every number of the page comes from there; a test holds it
to that.
"""

import argparse
import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from feasible_al.analysis.intervals import Interval, with_bounds
from feasible_al.analysis.summary import fit_count
from feasible_al.commands.baselines import saved_config
from feasible_al.core.io import read_json, write_json, write_text
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load_saved

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence.md"
TWIN, SECOND = ROOT / "docs" / "twin", ROOT / "docs" / "second_opinion"
TABLES = {TWIN: ("claims", "table2_beside"), SECOND: ("claims",)}
FAMILIES = {
    "active_learning": "Active learning",
    "mismatch": "The acquisition-successor mismatch",
    "distilled": "A distilled model chooses for its teacher",
    "plasm": "PLASM against the mismatch",
    "plasm_better": "PLASM against a successor that chose for itself",
    "labeller": "PLASM's labeller",
    "random_part": "A random part of the pool",
    "ups": "UPS",
    "queries": "Where the next query stands",
    "times": "Times",
    "frozen_acquisition": "A frozen acquisition model in place of a distilled one",
    "plasm_controls": "Controls of PLASM",
    "free_scoring": "UPS where scoring is nearly free",
}
ASKED_AGAIN = {
    "learning": "al_conll",
    "mismatch": "mismatch_conll",
    "plasm": "plasm_conll",
    "distilled": "distilled_conll",
    "random_part": "random_part_loses_conll",
    "ups": "ups_conll",
}
"""Claims of the second opinion, which it also asks of a frozen successor, and those of the twin."""
VERDICTS = ("reproduced", "contradicted", "undecided", "not testable")
HEADS = ("claim", "dataset", "result", "holds if", "seeds", "smallest effect", "verdict")
INTRODUCTION = """# What the scaled twin says about the paper's claims

Of the {count} claims of `configs/paper.yaml`, this run decides {decided}: {reproduced} are reproduced and
{contradicted} contradicted. {undecided} are undecided, and {untested} could not be tested here. They are
about small frozen encoders, not about the paper's models: a verdict says what these models do, and
whether the paper's statement carries over to them. [A second opinion](#a-second-opinion) asks the main
claims again where two layers learn, and with a labeller that is larger than the successor.

`configs/twin.yaml` keeps the paper's protocol: the whole pool of CoNLL-2003 with a seed set and 15
queries of 2% of its words, 10,000 texts of AG News with 1%, UPS with gamma 0.1, T 0.01 and full
iterations 1, 2, 5 and 9. It replaces the models: six layers of MPNet for ELECTRA, four of MiniLM for
BERT, and a student of two layers that is distilled from the latter for DistilBERT. All of them are
frozen; a fit trains a head. The 10 seeds, the rule to stop there and all margins were in the config
before any result was seen.

```sh
export FEASIBLE_AL_DATA=... FEASIBLE_AL_MODELS=...   # see configs/twin.yaml
.venv/bin/feasible-al run --at-once 2 configs/paper.yaml configs/twin.yaml
.venv/bin/python benchmarks/evidence.py results/twin
```

This run: {fits:,} fits, finished on {date}, commit `{commit}`, {device}, {precision}. Results are means
over seeds with 95% t intervals, not corrected; verdicts are corrected within a family (Holm). *Smallest
effect*: how far from the limit a true value would have been found with a probability of 80%.
"""
AGAIN = """
## A second opinion

`configs/second_opinion.yaml` asks the main claims again on 1,000 sentences of CoNLL-2003, with a seed set and
3 queries of 3% of the words: once with a successor whose top two layers learn, once with a frozen one. Here
the labeller (six layers of MPNet) is larger than the successor (four of MiniLM); in the twin it is smaller.
The 6 seeds, the claims and their margins were in the config before any result was seen.

```sh
.venv/bin/feasible-al run --at-once 2 configs/second_opinion.yaml
.venv/bin/python benchmarks/evidence.py results/second_opinion
```

This run: {fits:,} fits, finished on {date}, commit `{commit}`, {device}, {precision}. {remark}
Of the {count} claims that it asks of both successors: decided alike {alike}, undecided for both {open}.

"""
LIMITS = """
## What it cannot say

- A frozen encoder learns less from good labels than one that is fine-tuned, and its representation does
  not move between queries. [frozen.md](frozen.md) compares the two on a part of both datasets.
- The twin's labeller (MiniLM) is weaker than its successor (MPNet), which need not be so for BERT and
  ELECTRA. Statements on PLASM's gain depend on this.
- The second opinion trains two of four layers, on 1,000 sentences, with 6 seeds: it is no fine-tuned BERT,
  and it can miss effects that the twin's 10 seeds find. Its seconds are those of iterations: distilling a
  student, and the one pass of a frozen encoder, come before them.
- MPNet and MiniLM were trained to embed sentences; ELECTRA and BERT were not.
- OntoNotes was not run: its text is licensed. The paper's claims about times are about its models, pools
  and device and were not judged. The CNN-BiLSTM-CRF was not run, because its fits take too long.
- AG News has 10,000 of 120,000 training texts.
"""


def main() -> None:
    """Take a run in, if one is named, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", help="results/twin or results/second_opinion")
    parser.add_argument("--remark", default="", help="a sentence on how the run was made")
    options = parser.parse_args()
    if options.run:
        kept = PAGE.parent / options.run.name
        if kept not in TABLES:
            parser.error(
                f"{options.run}: the page is about runs called {' and '.join(k.name for k in TABLES)}"
            )
        take(options.run, kept, options.remark)
    write_text(PAGE, page())
    print(PAGE)


def take(run: Path, kept: Path, remark: str) -> None:
    """Keep a run's tables, figures and provenance; figures of earlier runs are removed."""
    kept.mkdir(exist_ok=True)
    for old in kept.glob("*.png"):
        old.unlink()
    for name in TABLES[kept]:
        shutil.copyfile(run / "tables" / f"{name}.csv", kept / f"{name}.csv")
    for figure in sorted((run / "figures").glob("*.png")):
        shutil.copyfile(figure, kept / figure.name)
    config = load_saved(saved_config(run))
    records = [read_json(path) for path in run.glob("**/manifest.json") if path.parts[-3] != "state"]
    fitted = [record for record in records if record.get("engine") == "fast"]
    last = max(fitted, key=lambda record: record["finished"])
    fits = fit_count(config, jobs_of(config))
    device = last["cpu"] if last["device"] == "cpu" else last["device"]
    facts = {
        "run": config.run.title,
        "fits": fits,
        "date": last["finished"][:10],
        "commit": last["commit"],
        "remark": remark,
    }
    write_json(kept / "run.json", facts | {"device": device, "precision": last["precision"]})


def page() -> str:
    """The page from what was kept."""
    ledger, facts = _kept(TWIN)
    counts = {verdict: int((ledger.verdict == verdict).sum()) for verdict in VERDICTS}
    text = INTRODUCTION.format(
        count=len(ledger),
        decided=counts["reproduced"] + counts["contradicted"],
        reproduced=counts["reproduced"],
        contradicted=counts["contradicted"],
        undecided=counts["undecided"],
        untested=counts["not testable"],
        **facts,
    )
    shown = [*_families(ledger, "##"), _overlap(), *_figures(TWIN, ("fig2a", "fig3", "fig4"), "##")]
    return "".join([text, *shown, *_second_opinion(ledger), LIMITS])


def _kept(folder: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """The ledger and the provenance of a run."""
    ledger = pd.read_csv(folder / "claims.csv", keep_default_na=False)
    return ledger, json.loads((folder / "run.json").read_text())


def _second_opinion(twin: pd.DataFrame) -> Iterator[str]:
    """The verdicts on the claims that were asked again, side by side, and the whole ledger."""
    ledger, facts = _kept(SECOND)
    found = {row.claim: row.verdict for row in ledger.itertuples()}
    before = {row.claim: row.verdict for row in twin.itertuples()}
    same = [found[claim] for claim in ASKED_AGAIN if found[claim] == found[f"{claim}_frozen"]]
    undecided = same.count("undecided")
    yield AGAIN.format(count=len(ASKED_AGAIN), alike=len(same) - undecided, open=undecided, **facts)
    says = {row.claim: _plain(row.says) for row in ledger.itertuples()}
    heads = ("claim, on CoNLL-2003", "twin", "frozen successor", "two layers learn")
    rows = [
        (says[claim], before[other], found[f"{claim}_frozen"], found[claim])
        for claim, other in ASKED_AGAIN.items()
    ]
    yield "\n".join(map(_line, [heads, ["---"] * len(heads), *rows])) + "\n"
    yield from _families(ledger, "###")
    yield from _figures(SECOND, ("mismatch", "acquirers", "plasm_beneath"), "###")


def _families(ledger: pd.DataFrame, level: str) -> Iterator[str]:
    for family in ledger.family.unique():
        rows, title = ledger[ledger.family == family], FAMILIES[family]
        tested = rows[rows.verdict != "not testable"]
        yield f"\n{level} {title}\n"
        if len(tested):
            yield "\n" + "\n".join(
                [_line(HEADS), _line(["---"] * len(HEADS)), *map(_row, tested.to_dict("records"))]
            )
            yield "\n"
        for row in rows[rows.verdict == "not testable"].to_dict("records"):
            yield f"\nNot testable on {row['dataset']}: {_plain(row['says'])} {_plain(row['reason'])}\n"


def _overlap() -> str:
    """Table 2 of the twin beside the paper's."""
    table = pd.read_csv(TWIN / "table2_beside.csv")
    heads = ("top of the ranking", "", "twin", "paper")
    rows = [(r.top, r.column, f"{r.mean:.3f}", f"{r.paper:.3f}") for r in table.itertuples()]
    lines = [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]
    return (
        "\nShare of each query in the top of the previous ranking (Table 2), not judged:\n\n"
        + "\n".join(lines)
        + "\n"
    )


def _row(row: dict[str, object]) -> str:
    numbers = [float(str(row[key] or "nan")) for key in ("estimate", "low", "high", "smallest_effect")]
    interval, smallest = Interval(*numbers[:3], int(str(row["seeds"]))), numbers[3]
    where = f" ({row['where']})" if row["where"] else ""
    return _line(
        [
            f"{_plain(row['says'])}{where}",
            str(row["dataset"]),
            f"{_plain(row['quantity'])}: {with_bounds(interval, 4)}",
            _plain(row["margin"]),
            str(row["seeds"]),
            "" if math.isnan(smallest) else f"{smallest:.4f}",
            f"**{row['verdict']}**",
        ]
    )


def _figures(kept: Path, shown: tuple[str, ...], level: str) -> Iterator[str]:
    """Links to all figures of a run, and some of them."""
    yield f"\n{level} Figures\n\n"
    names = sorted((path.stem for path in kept.glob("*.png")), key=lambda name: (len(name), name))
    yield ", ".join(f"[{name}]({kept.name}/{name}.png)" for name in names) + "\n"
    for name in shown:
        yield f"\n![{name}]({kept.name}/{name}.png)\n"


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _plain(cell: object) -> str:
    """Without the apostrophe that keeps spreadsheets from seeing a formula."""
    return str(cell).removeprefix("'")


if __name__ == "__main__":
    main()
