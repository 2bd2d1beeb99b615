"""The share of the rarest class that is labelled after each query."""

from dataclasses import replace

import numpy as np

from feasible_al.analysis.acquirers import acquirer_labels, choosers_of
from feasible_al.analysis.figures.base import DEVIATION, FigureData, SeedLine, drawn, figure, trace_of
from feasible_al.analysis.names import dataset_name
from feasible_al.analysis.rare_class import Found, Rarest, found_by, rarest_class
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.results.collect import Acquirer, Results


@figure("rare_class", reads=("queries",))
def rare_class(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """One line per trajectory: the share of the rarest class that is labelled, with the seeds' spread."""
    rarest = rarest_class(results, block.dataset)
    # Series that differ in the successor alone share their queries, and look like the first of them.
    looks: dict[Acquirer, str] = {}
    for series in block.series:
        looks.setdefault(choosers_of(config, block.dataset, [series])[0], series)
    traces = [
        replace(trace_of(config, looks[chooser], lines), label=label)
        for chooser, label in acquirer_labels(config, looks).items()
        if rarest and (lines := tuple(_line(found, rarest) for found in found_by(results, chooser, rarest)))
    ]
    described = rarest.described if rarest else "the rarest class"
    title = f"{block.title or dataset_name(config, block.dataset)}: rarest class"
    return FigureData(
        name=name,
        title=title,
        x_label="labelled texts (% of the training set)",
        y_label=f"labelled texts of {rarest.name!r} (%)"
        if rarest
        else "labelled texts of the rarest class (%)",
        traces=tuple(traces),
        levels=(),
        absent=(),
        caption=f"Share of {described} that is labelled after each query; the first marker is the seed set. "
        f"Random labelling finds on average the share that it labels. {drawn(traces, DEVIATION)}",
        description=" ".join(
            [f"{title}: share of {described} that is labelled."]
            + [f"{t.label} goes from {t.mean[0]:.1f}% to {t.mean[-1]:.1f}%." for t in traces]
        ),
    )


def _line(found: Found, rarest: Rarest) -> SeedLine:
    shares, rare = np.cumsum(found.labelled) / rarest.total, np.cumsum(found.rare) / rarest.size
    return SeedLine(found.seed, found.iterations, tuple(100 * shares), tuple(100 * rare))
