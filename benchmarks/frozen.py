"""Does a frozen MiniLM stand for a fine-tuned one when query strategies are compared? See docs/frozen.md.

The same strategies, seeds and head with all layers frozen, with the top two layers trained and with all
layers trained, on parts of AG News and CoNLL-2003 from ``$FEASIBLE_AL_DATA``. It runs the ordinary workflow
in the working directory, about an hour on two processors; started again, it goes on where it stopped. It
prints tables of scores, of differences from random sampling and of the strategies' order, and draws the
learning curves.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import yaml
from feasible_al.analysis.intervals import plus_minus, spread, t_interval, with_bounds
from rich.console import Console
from rich.table import Table
from scipy.stats import kendalltau

ROOT = Path(__file__).parents[1]
DATASETS = ("ag_news_10k", "conll2003")
METRIC = {"ag_news_10k": "accuracy", "conll2003": "f1"}
STRATEGIES = {
    "ag_news_10k": ("random", "least_confidence", "margin"),
    "conll2003": ("random", "mnlp", "entropy"),
}
SEEDS, AT_ONCE = 5, 2
LIMIT = {"train": 2000, "test": 800}
BUDGET = {"seed": 0.03, "query": 0.03, "iterations": 3}
MODELS: dict[str, dict[str, Any]] = {
    "frozen": {"frozen_layers": "all"},
    "top two layers": {"frozen_layers": 4},
    "whole": {"head": {}},
}
# A head alone keeps its usual training settings.
LEARNING_RATE = {"top two layers": 4e-4, "whole": 2e-4}
LEAST_STEPS = {"ag_news_10k": 120, "conll2003": 240}
# The last layer of a sentence encoder tells sentences apart, not words: tagging reads an earlier one.
KEPT = {("conll2003", "frozen"): 4}


def main() -> None:
    """Run the workflow, print the tables and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = ROOT / "docs" / "frozen.png"
    parser.add_argument("--write", type=Path, default=default, help="the figure (default: docs/frozen.png)")
    options = parser.parse_args()
    path = Path("results", "frozen.yaml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(config(), sort_keys=False))
    command = [sys.executable, "-m", "feasible_al.cli", "run", "--at-once", str(AT_ONCE), str(path)]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit("the run failed, so there is nothing to compare")
    curves = pd.read_csv(Path("results", "frozen", "tables", "curves.csv"))
    curves = curves[curves.metric == curves.dataset.map(METRIC)]
    curves["model"] = [name.split("-")[1].replace("_", " ") for name in curves.series]
    scores = areas(curves)
    for dataset in DATASETS:
        print_tables(dataset, {name: values[dataset] for name, values in scores.items()})
    draw(curves, options.write)


def config() -> dict[str, Any]:
    """The config of the run; sources and weights are those of the configs of both datasets."""
    datasets, models, series = {}, {}, {}
    for name in DATASETS:
        known = yaml.safe_load((ROOT / "configs" / f"{name}.yaml").read_text())
        block = known["datasets"][name]
        del block["expect"], block["training"]
        block["source"]["limit"] = LIMIT
        datasets[name] = block | {"budget": BUDGET}
        for model, settings in MODELS.items():
            short = f"{name}-{model.replace(' ', '_')}"
            weights = known["models"]["minilm"]["weights"]
            if (name, model) in KEPT:
                weights = weights | {"layers": KEPT[name, model]}
            models[short] = {"kind": "encoder", "weights": weights, **settings}
            if model in LEARNING_RATE:
                steps, rate = LEAST_STEPS[name], LEARNING_RATE[model]
                models[short]["training"] = {"batch_size": 8, "minimum_steps": steps, "learning_rate": rate}
            for strategy in STRATEGIES[name]:
                acquisition = "none" if strategy == "random" else short
                series[f"{short}-{strategy}"] = {
                    "datasets": [name],
                    "acquisition": acquisition,
                    "strategy": strategy,
                    "successor": short,
                }
    return {
        "run": {"name": "frozen", "title": "Frozen and fine-tuned encoders", "seeds_per_job": SEEDS},
        "seeds": [*range(1, SEEDS + 1)],
        "datasets": datasets,
        "models": models,
        "series": series,
    }


def areas(curves: pd.DataFrame) -> dict[str, dict[str, np.ndarray]]:
    """By model and dataset, float64[seeds, strategies]: mean scores from the first query on.

    They are areas under learning curves by trapezoids, divided by their width, as in the report.
    """
    found: dict[str, dict[str, np.ndarray]] = {model: {} for model in MODELS}
    for (model, dataset), part in curves[curves.point > 0].groupby(["model", "dataset"]):
        values = np.empty((SEEDS, len(STRATEGIES[dataset])))
        for (seed, strategy), curve in part.sort_values("point").groupby(["seed", "strategy"]):
            x, y = curve.labelled_fraction.to_numpy(), curve.value.to_numpy()
            area = np.trapezoid(y, x) / (x[-1] - x[0]) if len(x) > 1 else y[0]
            values[seed - 1, STRATEGIES[dataset].index(strategy)] = area
        found[model][dataset] = values
    return found


def print_tables(dataset: str, scores: dict[str, np.ndarray]) -> None:
    """Scores, differences from random sampling, and the order of the strategies.

    Args:
        dataset: its name.
        scores: by model, float64[seeds, strategies]; random is the first strategy.
    """
    console, names, whole = Console(width=130), STRATEGIES[dataset], scores["whole"]
    title = f"{dataset}: {METRIC[dataset]} over the curve, mean ± standard deviation of {SEEDS} seeds"
    table = Table("strategy", *MODELS, title=title)
    for place, name in enumerate(names):
        table.add_row(name, *(plus_minus(spread(values[:, place]), 3) for values in scores.values()))
    console.print(table)

    title = f"{dataset}: minus random, paired by seed, with 95% t intervals"
    table = Table("strategy", *MODELS, "same sign as whole", title=title)
    gains = {model: (values[:, 1:] - values[:, :1]).T for model, values in scores.items()}
    for place, name in enumerate(names[1:]):
        own = {model: values[place] for model, values in gains.items()}
        cells = (with_bounds(t_interval(values), 3) for values in own.values())
        same = [model for model, values in own.items() if values.mean() * own["whole"].mean() > 0]
        table.add_row(name, *cells, ", ".join(model for model in same if model != "whole") or "none")
        others = (
            with_bounds(t_interval(own[model] - own["whole"]), 3) for model in MODELS if model != "whole"
        )
        table.add_row("minus the gain of whole", *others, end_section=True)
    console.print(table)

    title = f"{dataset}: order of the strategies, and Kendall's tau with that of whole"
    table = Table("model", "best first", "tau of means", "mean tau with other seeds", title=title)
    for model, values in scores.items():
        means = values.mean(axis=0)
        order = " > ".join(names[place] for place in np.argsort(-means))
        tau = f"{kendalltau(means, whole.mean(axis=0))[0]:.2f}"
        table.add_row(model, order, tau, f"{_tau_of_other_seeds(values, whole):.2f}")
    console.print(table)


def draw(curves: pd.DataFrame, path: Path) -> None:
    """A row of axes per dataset, a column per model, a line per strategy with its standard deviation."""
    figure, axes = plt.subplots(
        len(DATASETS), len(MODELS), figsize=(9, 5.6), layout="constrained", sharex="row", sharey="row",
        squeeze=False,
    )  # fmt: skip
    for (row, dataset), (column, model) in ((r, c) for r in enumerate(DATASETS) for c in enumerate(MODELS)):
        ax = axes[row, column]
        for strategy, marker in zip(STRATEGIES[dataset], "os^Dv", strict=False):
            share, mean, std = _points(curves, dataset, model, strategy)
            (line,) = ax.plot(share, mean, marker=marker, label=strategy.replace("_", " "))
            ax.fill_between(share, mean - std, mean + std, color=line.get_color(), alpha=0.15, lw=0)
        ax.set_title(f"{dataset}, {model}", fontsize="medium")
        ax.set_xlabel("labelled, % of the pool")
    for row, dataset in enumerate(DATASETS):
        axes[row, 0].set_ylabel(METRIC[dataset])
        axes[row, -1].legend(frameon=False, loc="lower right")
    figure.savefig(path, dpi=150)


def _points(curves: pd.DataFrame, dataset: str, model: str, strategy: str) -> Iterator[np.ndarray]:
    """Labelled share in percent, mean score and standard deviation over the seeds, by point."""
    rows = curves.query("dataset == @dataset and model == @model and strategy == @strategy")
    by_point = rows.groupby("point")
    yield 100 * by_point.labelled_fraction.mean().to_numpy()
    yield by_point.value.mean().to_numpy()
    yield by_point.value.std().to_numpy()


def _tau_of_other_seeds(scores: np.ndarray, whole: np.ndarray) -> float:
    """Mean of Kendall's tau between a seed of a model and each other seed of the whole one."""
    pairs = permutations(range(len(scores)), 2)
    return float(np.mean([kendalltau(scores[one], whole[other])[0] for one, other in pairs]))


if __name__ == "__main__":
    main()
