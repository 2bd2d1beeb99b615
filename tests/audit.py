"""A run's numbers once more: from the files of its jobs, by pandas and scipy, with nothing of the package.

Every function takes the folder of a finished run and fails where the run says something else.
"""

import json
import re
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

IDENTITY = ["dataset", "acquisition", "strategy", "subsampling", "labeller", "successor", "seed"]
NAMES = dict.fromkeys(
    [*IDENTITY[:-1], "series", "stage", "metric", "phase", "host", "processor", "device"], str
)
BLOCKS = {"train": ["setup", "train"], "inference": ["sampling", "inference", "selection"]}
BLOCKS["overall"] = [phase for phases in BLOCKS.values() for phase in phases]
WITHOUT_RANKING = {
    "badge",
    "cluster_margin",
    "coreset",
    "kmeans",
    "prob_cover",
    "typiclust",
    "seals",
    "anchoral",
}
same = partial(np.testing.assert_allclose, rtol=0, atol=1e-9, equal_nan=True)


def config_of(run):
    """The resolved config, the newest of a run's."""
    newest = max(run.glob("config-*.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(newest.read_text())


def table(path):
    """A CSV file in which names stay names."""
    return pd.read_csv(path, keep_default_na=False, na_values={"score": [""]}, dtype=NAMES)


def _identity(parts):
    """What the folder of a job says it is."""
    match parts:
        case ["acquisition", dataset, acquisition, strategy, subsampling, seed]:
            found = ["acquire", dataset, acquisition, strategy, subsampling, "gold", "none", seed]
        case ["successor", dataset, acquisition, strategy, subsampling, seed, labels, model, _]:
            found = ["successor", dataset, acquisition, strategy, subsampling, labels, model, seed]
        case ["full", dataset, model, seed]:
            found = ["full", dataset, "none", "none", "none", "gold", model, seed]
        case ["models", dataset, model]:
            found = ["distill", dataset, "none", "none", "none", "none", model, "seed0"]
    return dict(zip(["stage", *IDENTITY], [*found[:-1], int(found[-1].removeprefix("seed"))], strict=True))


def files(run, name):
    """Each job's file of a name: its path and identity."""
    stages = ("acquisition", "successor", "full", "models")
    for path in sorted(path for stage in stages for path in (run / stage).rglob(name)):
        yield path, _identity(list(path.parent.relative_to(run).parts))


def _joined(run, name, facts):
    """The rows of all jobs' files of a name, with the jobs' identities and what manifests say of them."""
    found = []
    for path, identity in files(run, name):
        rows = table(path)
        if rows.empty:  # of a trajectory without a model
            continue
        manifest = json.loads((path.parent / "manifest.json").read_text())
        found.append(rows.assign(**identity).assign(**facts(manifest, rows)))
    return pd.concat(found, ignore_index=True)


def _equal(path, expected):
    """A tidy table has the expected rows, in any order."""
    shown = table(path)
    frames = [
        frame[shown.columns].sort_values(list(shown.columns), ignore_index=True)
        for frame in (shown, expected)
    ]
    pd.testing.assert_frame_equal(*frames, check_dtype=False, rtol=0, atol=1e-12, obj=path.name)


def curves(run):
    """The rows that ``curves.csv`` should have."""
    config = config_of(run)
    fits = _joined(
        run, "metrics.csv", lambda manifest, _: {"pseudo_instances": manifest.get("pseudo_instances", 0)}
    )
    own = fits["stage"] == "acquire"
    fits.loc[own, "successor"] = fits.loc[own, "acquisition"]
    found = [fits[fits["stage"] == "full"].assign(series="full")]
    for name, series in config["series"].items():
        labels = series["labeller"] or "gold"
        variant = series["pseudo_labels"] if series["labeller"] else series["steps"]
        labels += "" if variant in ("hard", "own") else f"~{variant}"
        acquired = labels == "gold" and series["acquisition"] == series["successor"]
        for dataset in series["datasets"]:
            if series["skip"] or config["datasets"][dataset]["skip"]:
                continue
            asked = series["points"] or range(config["datasets"][dataset]["budget"]["iterations"] + 1)
            keys = [dataset, *(series[key] for key in IDENTITY[1:4]), labels, series["successor"]]
            here = (fits[IDENTITY[:-1]] == keys).all(axis=1) & fits["seed"].isin(config["seeds"])
            here &= fits["stage"] == ("acquire" if acquired else "successor")
            found.append(fits[here & fits["point"].isin(asked)].assign(series=name))
    rows = pd.concat(found, ignore_index=True)
    tagging = rows["dataset"].map(lambda name: config["datasets"][name]["task"] == "tagging")
    train = {
        name: json.loads((run / "data" / name / "stats.json").read_text())["splits"]["train"]
        for name in set(rows["dataset"])
    }
    labelled = rows["labelled_tokens"].where(tagging, rows["labelled_instances"])
    every = [
        train[name]["tokens" if words else "instances"]
        for name, words in zip(rows["dataset"], tagging, strict=True)
    ]
    return rows.assign(labelled_fraction=labelled / every)


def timings(run):
    """The rows that ``timings.csv`` should have."""

    def facts(manifest, rows):
        disturbed = {*manifest["shared_iterations"], *manifest["resumed_iterations"]}
        doubtful = not manifest["exclusive"] and not manifest["shared_iterations"]
        machine = {key: manifest[key] for key in ("host", "device", "threads", "precision", "engine")}
        machine["processor"] = manifest["cpu"]
        return {**machine, "exclusive": [not doubtful and t not in disturbed for t in rows["iteration"]]}

    return _joined(run, "timings.csv", facts)


def check_tidy_tables(run):
    """``curves.csv``, ``timings.csv`` and ``overlap.csv``, row by row."""
    _equal(run / "tables" / "curves.csv", curves(run))
    _equal(run / "tables" / "timings.csv", timings(run))
    _check_overlap(run)


def _check_overlap(run):
    """Instance by instance; where scores are equal, between the least and the most that their order allows."""
    config, shown = config_of(run), table(run / "tables" / "overlap.csv")
    shown = shown.set_index([*IDENTITY[:4], "seed", "iteration", "top_percent"])["fraction"].to_dict()
    for path, job in files(run, "scores.parquet"):
        rule = config["subsampling"].get(job["subsampling"], {"kind": "none"})["kind"]
        if job["acquisition"] == "none" or WITHOUT_RANKING & {job["strategy"], rule}:
            continue
        scores, queries = pd.read_parquet(path), table(path.with_name("queries.csv"))
        for iteration in range(1, queries["iteration"].max()):
            asked, following = (
                set(queries.loc[queries["iteration"] == t, "instance"]) for t in (iteration, iteration + 1)
            )
            pool = scores[(scores["iteration"] == iteration) & ~scores["instance"].isin(asked)]
            values = pool["score"].to_numpy()
            own = pool.loc[pool["instance"].isin(following), "score"].to_numpy()[:, None]
            assert len(own) == len(following)
            first, last = (values > own).sum(axis=1), (values >= own).sum(axis=1) - 1
            for k in (10, 20, 30, 40, 50):
                least, most = ((place / len(values) < k / 100).mean() for place in (last, first))
                key = (*(job[part] for part in IDENTITY[:4]), job["seed"], iteration, k)
                assert least - 1e-9 <= shown.pop(key) <= most + 1e-9, key
    assert not shown


def check_counts(run):
    """What metrics and manifests say of sizes, from what was queried and labelled."""
    for path, job in files(run, "metrics.csv"):
        train = pd.read_parquet(run / "data" / job["dataset"] / "train.parquet")
        size = len(train)
        for row in table(path).itertuples():
            if job["stage"] == "full":
                assert row.labelled_instances == size
                continue
            trajectory = Path(*path.relative_to(run).parts[1:6])
            queries = table(run / "acquisition" / trajectory / "queries.csv")
            labelled = queries[queries["iteration"] <= row.point]
            assert (row.labelled_instances, row.labelled_tokens) == (
                len(labelled),
                labelled["tokens"].sum(),
            ), path
            if job["stage"] == "successor":
                pseudo = json.loads((path.parent / "manifest.json").read_text())["pseudo_instances"]
                rest = 0 if job["labeller"].startswith("gold") else size - len(labelled)
                dropped = "~" in job["labeller"]
                assert (pseudo <= rest) if dropped else (pseudo == rest), path


def _main(config, rows):
    """The rows of the metric that is shown."""
    default = {"classification": "accuracy", "tagging": "f1"}
    shown = {name: block.get("metric", default[block["task"]]) for name, block in config["datasets"].items()}
    return rows[rows["metric"] == rows["dataset"].map(shown)]


def _reference(config, dataset, name):
    """The random series that a series is compared with: the same labels, or else gold ones."""
    series = config["series"]
    keys = ("labeller", "pseudo_labels", "steps")
    for wanted in (tuple(series[name][key] for key in keys), (None, "hard", "own")):
        for other, block in series.items():
            alike = (
                block["successor"] == series[name]["successor"]
                and tuple(block[key] for key in keys) == wanted
            )
            if alike and block["strategy"] == "random" and dataset in block["datasets"] and other != name:
                return other
    return None


def _interval(values):
    """Mean and Student's 95% interval, as far as there are any."""
    if len(values) < 2 or values.std(ddof=1) < 1e-12:
        return [values.mean() if len(values) else np.nan, np.nan, np.nan]
    bounds = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    return [values.mean(), max(bounds.low, -1), min(bounds.high, 1)]


def _areas(rows, points):
    """By seed, the area over the labelled share between points, by trapezoids, over its width."""
    found = {}
    for seed, part in rows[rows["point"].isin(points)].sort_values("point").groupby("seed"):
        share, value = part["labelled_fraction"].to_numpy(), part["value"].to_numpy()
        width = share[-1] - share[0]
        found[seed] = np.trapezoid(value, share) / width if width else value.mean()
    return pd.Series(found, dtype=float)


def _scores(config, rows, dataset, name):
    """Mean and deviation of the last score and of the area; then both differences with their intervals."""
    rows = _main(config, rows[rows["dataset"] == dataset])
    reference = None if config["series"][name]["strategy"] == "random" else _reference(config, dataset, name)
    own, other = (rows[rows["series"] == each] for each in (name, reference))
    points = [set(part["point"]) for part in (own, other)]
    last = own[own["point"] == max(points[0])].set_index("seed")["value"]
    asked = points[0] - {0}  # there is no query before it
    whole = len(asked) == config["datasets"][dataset]["budget"]["iterations"]
    area = _areas(own, asked) if whole else pd.Series([], dtype=float)
    shared = points[0] & points[1] - {0}
    gains = [_areas(own, part) - _areas(other, part) for part in (shared and {max(shared)}, shared)]
    spreads = [part for values in (last, area) for part in (values.mean(), values.std(ddof=1))]
    return [*spreads, *_interval(gains[0].to_numpy()), *_interval(gains[1].to_numpy())]


def check_scores(run):
    """Each number of the tables of scores: unrounded in their CSV files, rounded on the page."""
    config, rows = config_of(run), curves(run)
    columns = ["last_mean", "last_std", "area_mean", "area_std"]
    columns += [f"{name}_difference{end}" for name in ("last", "area") for end in ("", "_low", "_high")]
    shown = [
        t
        for t in Page((run / "report.html").read_text()).tables
        if "Final score: difference from random" in t[0]
    ]
    checked = 0
    for name in (name for name, block in config["tables"].items() if block["kind"] == "scores"):
        written = pd.read_csv(run / "tables" / f"{name}.csv")
        for (_, exact), displayed in zip(
            written.iterrows(), [row for t in shown for row in t[1:]], strict=True
        ):
            expected = np.array(_scores(config, rows, exact["dataset"], exact["series"]))
            same(exact[columns].to_numpy(dtype=float), expected, err_msg=f"{name}: {exact['series']}")
            groups = [expected[0:2], expected[2:4], expected[4:7], expected[7:10]]
            for cell, group in zip(displayed[2:6], groups, strict=True):
                np.testing.assert_allclose(
                    _numbers(cell), group[np.isfinite(group)], atol=5.001e-4, err_msg=str(displayed)
                )
            checked += 1
    return checked


def _numbers(cell):
    return [float(text) for text in re.findall(r"[+-]?\d+\.\d+", cell.replace("\N{MINUS SIGN}", "-"))]


class Page(HTMLParser):
    """The tables of a page, as rows of cells."""

    def __init__(self, html):
        super().__init__()
        self.tables, self._inside = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self._inside = tag in ("td", "th")

    def handle_data(self, data):
        if self._inside:
            self.tables[-1][-1][-1] += data


def check_times(run):
    """Each number of the tables of times, in their CSV files."""
    config = config_of(run)
    rows = timings(run)
    rows = rows[(rows["stage"] == "acquire") & rows["exclusive"]]
    rows = rows.assign(
        heading=[_heading(config, *names) for names in rows[["acquisition", "subsampling"]].to_numpy()]
    )
    checked = 0
    for name in (name for name, block in config["tables"].items() if block["kind"] == "timings"):
        for _, line in pd.read_csv(run / "tables" / f"{name}.csv").iterrows():
            for heading in (
                column.removesuffix(" mean") for column in line.index if column.endswith(" mean")
            ):
                here = rows[(rows["dataset"] == line["dataset"]) & (rows["heading"] == heading)]
                values = _seconds(config, here, line)
                expected = [values.mean(), values.std(ddof=1), len(values)]
                same(
                    line[[f"{heading} {part}" for part in ("mean", "std", "seeds")]].to_numpy(dtype=float),
                    expected,
                )
                checked += 1
    return checked


def _heading(config, model, subsampling):
    """What a column of times is called, where no two strategies choose with one model."""
    label = config["models"].get(model, {}).get("label") or model
    return label + ("" if subsampling == "none" else f" + {subsampling}")


def _seconds(config, rows, line):
    """A value per seed: of one iteration, of all if none is lacking, or of tokenizing."""
    if line["iteration"] == "per job":
        return rows[rows["phase"] == "tokenize"].groupby("seed")["seconds"].sum()
    iterations = config["datasets"][line["dataset"]]["budget"]["iterations"]
    wanted = range(1, iterations + 1) if line["iteration"] == "all" else [int(line["iteration"])]
    rows = rows[rows["phase"].isin(BLOCKS[line["step"]]) & rows["iteration"].isin(wanted)]
    sums = rows.pivot_table(index="seed", columns="iteration", values="seconds", aggfunc="sum")
    return sums.reindex(columns=wanted).dropna().sum(axis=1)


def check_figures(run):
    """Means and bands of learning curves, as their CSV files have them."""
    config, rows = config_of(run), curves(run)
    checked = 0
    for name, block in config["figures"].items():
        if block["kind"] != "learning_curves":
            continue
        drawn = pd.read_csv(run / "figures" / f"{name}.csv", keep_default_na=False, na_values=[""])
        here = _main(config, rows[rows["dataset"] == block["dataset"]])
        for _, mark in drawn[drawn["kind"] == "mean"].iterrows():
            fits = here[(here["series"] == mark["series"]) & (here["point"] == mark["point"])]
            mean, std = fits["value"].mean(), fits["value"].std(ddof=1)
            expected = [100 * fits["labelled_fraction"].mean(), mean, mean - std, mean + std, len(fits)]
            same(mark[["x", "y", "low", "high", "seeds"]].to_numpy(dtype=float), expected)
            checked += 1
    return checked
