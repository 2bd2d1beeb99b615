"""The blocks of a config file that are not about data or models: run, engine, series, figures, tables."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from feasible_al.core.errors import printable
from feasible_al.core.registry import FIRST, NAME, REST
from feasible_al.core.values import part

Key = tuple[Any, ...]
"""A path of keys and places in a config."""

# A name becomes a folder or file name, so it has no slash and does not begin with a dot.
Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
# No folder is named after a series, and a grid joins several names to name its series.
SeriesName = Annotated[str, StringConstraints(pattern=f"^{FIRST}{REST}{{0,399}}$")]
# Text for readers.
Words = Annotated[str, AfterValidator(printable)]


class Block(BaseModel):
    """Base of all blocks: unknown keys are errors, values cannot change."""

    # Built when first used: by then the files that extend a union are known.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Run(Block):
    """The run as a whole."""

    name: Name = Field(description="Results go to results/<name>/.")
    reuse: tuple[Words, ...] = Field(
        (),
        description="Folders of earlier runs, such as results/other, or of runs that ship with the "
        "project, such as baselines/bbc_news. Jobs that they finished with the same settings are taken over "
        "instead of computed.",
    )
    points_per_job: int | None = Field(
        None,
        ge=1,
        description="The most points of a successor in one job; all of them in one when absent. "
        "Changes neither files nor results.",
    )
    seeds_per_job: int | None = Field(
        None,
        ge=1,
        description="The most seeds of one trajectory, successor or full-data fit in one job, for fits that "
        "take seconds; one when absent. Texts are tokenized once for all of them, and timed with the first. "
        "Changes neither files nor results.",
    )
    max_runtime: int | None = Field(
        None,
        ge=1,
        description="The longest time limit that a job asks a cluster for, in minutes. A longer job "
        "stops between two iterations, and its next attempt continues. Changes neither files nor results.",
    )
    title: Words = Field("", description="Heading of the report; the name when empty.")
    scaled: Words = Field(
        "",
        description="How this run differs in scale from the study that it imitates. All output says so, and "
        "claims that need the full study are not judged.",
    )


EngineMode = Literal["fast", "paper"]


class Engine(Block):
    """How models are trained and run; never what is computed."""

    mode: EngineMode = Field(
        "fast",
        description="fast: no wasted work. paper: what the paper's timings contain (dataset order, batches "
        "of 100 padded to the longest, float32 scoring, tokenization inside the clock).",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: CUDA when there is one.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto: bfloat16 where the processor computes in it, float32 elsewhere."
    )
    device_tflops: float | None = Field(
        None,
        gt=0,
        description="Rate of large matrix products, in 10^12 operations a second, from which the jobs' time "
        "limits on a cluster are worked out; fixed limits when absent.",
    )


class TrainingOverride(Block):
    """Training settings that a dataset or a model changes; the others keep their defaults."""

    epochs: int | None = Field(None, ge=1, description="Passes over the labelled set.")
    batch_size: int | None = Field(None, ge=1, description="Largest batch, in instances.")
    minimum_steps: int | None = Field(
        None,
        ge=0,
        description="A small labelled set gets smaller batches, then more epochs, to reach this many.",
    )
    learning_rate: float | None = Field(None, gt=0, description="Peak learning rate.")
    weight_decay: float | None = Field(None, ge=0, description="Of AdamW; none on biases and LayerNorm.")
    clip_norm: float | None = Field(None, gt=0, description="Largest norm of the gradient.")
    schedule: Literal["slanted_triangular", "linear", "constant"] | None = Field(
        None,
        description="slanted_triangular: linear warm-up, then linear decay to 0; linear: only the decay.",
    )
    warmup: float | None = Field(None, ge=0, lt=1, description="Share of the steps that warm up.")
    batches: Literal["random", "length_grouped"] | None = Field(
        None,
        description="random: a uniform shuffle per epoch, as the paper. length_grouped: batches of similar "
        "length; cheaper, but another experiment.",
    )


class Training(Block):
    """How a model is fitted (paper, Table 4, whose values are the defaults)."""

    epochs: int = 5
    batch_size: int = 16
    minimum_steps: int = 350
    learning_rate: float = 5e-5
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    schedule: Literal["slanted_triangular", "linear", "constant"] = "slanted_triangular"
    warmup: float = 0.1
    batches: Literal["random", "length_grouped"] = "random"

    def with_overrides(self, *overrides: TrainingOverride) -> "Training":
        """These settings with the values of each override, in order."""
        values = self.model_dump()
        for override in overrides:
            values |= override.model_dump(exclude_none=True)
        return Training(**values)


class Threshold(Block):
    """Drop pseudo-labels in which the labeller has little confidence."""

    kind: Literal["threshold"]
    confidence: float = Field(
        ge=0, lt=1, description="Labels above it are kept: the largest probability, or 1 - MNLP when tagging."
    )


class DropShare(Block):
    """Base of what drops a share of the pseudo-labels."""

    kind: str
    share: float = Field(gt=0, lt=1)

    def dropped(self, pool: int) -> int:
        """How many of ``pool`` instances are dropped."""
        return round(part(self.share, pool))


class LeastSure(DropShare):
    """Drop a share of the pool, the least confident first."""

    kind: Literal["least_sure"]


class SelfInfluence(DropShare):
    """Drop a share of the pool, the largest self-influence in a first fit first; then fit again.

    TracIn (Pruthi et al., 2020, "Estimating Training Data Influence by Tracing Gradient Descent", NeurIPS),
    which the paper's published version uses.
    """

    kind: Literal["self_influence"]


ByConfidence = Threshold | LeastSure
"""What needs to know how sure the labeller was."""


class PseudoLabels(Block):
    """How a labeller's predictions enter a successor's training set."""

    soft: bool = Field(False, description="The labeller's probabilities instead of its hard labels.")
    gold_weight: float = Field(
        1.0, gt=0, description="Weight of gold instances in the loss; other instances have 1."
    )
    drop: Annotated[ByConfidence | SelfInfluence, Field(discriminator="kind")] | None = Field(
        None, description="Pseudo-labels left out; all are used when absent."
    )


class Imported(Block):
    """A trajectory from a file, in place of an acquisition: no model is trained to choose."""

    path: str = Field(
        description="A CSV file with the columns iteration (0 is the seed set) and instance; {dataset} and "
        "{seed} in it are filled in, ${NAME} is taken from the environment."
    )
    citation: str = Field("", description="Where it comes from.")

    def file(self, dataset: str, seed: int) -> str:
        """The path for a dataset and a seed."""
        return self.path.replace("{dataset}", dataset).replace("{seed}", str(seed))


class ImportedLabeller(Block):
    """Pseudo-labels from a file, in the place of PLASM's labeller: no model is fitted to give them."""

    path: str = Field(
        description="A CSV file with the columns instance and label (or tags separated by blanks), and "
        "confidence where pseudo-labels are dropped by it; {dataset} in it is filled in, ${NAME} is taken "
        "from the environment."
    )
    price: float = Field(
        ge=0,
        description="Price of one of its labels: of a text, or of a token when tagging; in the currency of "
        "the comparison's prices. Every label in the file is paid for.",
    )
    citation: Words = Field("", description="Where it comes from.")

    def file(self, dataset: str) -> str:
        """The path for a dataset."""
        return self.path.replace("{dataset}", dataset)


class Series(Block):
    """A named combination: one curve on each of its datasets."""

    datasets: tuple[Name, ...] = Field(min_length=1, description="The datasets that it is run on.")
    acquisition: Name = Field("none", description="The model that chooses; none for the random strategy.")
    strategy: Name = Field(description="How it chooses; or the name of an imported trajectory.")
    subsampling: Name = Field("none", description="Which part of the pool is scored; none for all of it.")
    labeller: Name | None = Field(
        None,
        description="PLASM: the model, fitted on the gold labels, that labels the rest of the pool; or the "
        "name of an imported labeller.",
    )
    pseudo_labels: Name = Field("hard", description="How its labels are used.")
    successor: Name = Field(description="The model that the curve measures.")
    steps: Literal["own", "pool"] = Field(
        "own",
        description="pool: a successor that learns only from gold labels takes as many optimiser steps as in "
        "the PLASM series with the same successor and trajectories; without one, as for the whole pool.",
    )
    points: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (), description="The points at which the successor is fitted; all when empty."
    )
    seeds: int | None = Field(
        None, ge=1, description="How many of the run's seeds; the first ones are used, all when absent."
    )
    label: Words = Field("", description="Name in figures and tables; acquisition > successor when empty.")
    skip: Words = Field(
        "", description='Why it is not run, if it is not; figures and tables then say "not run".'
    )

    @property
    def own(self) -> bool:
        """Whether its curve is that of the acquisition model itself, which has all points."""
        return self.acquisition == self.successor and self.labeller is None and self.steps == "own"

    @property
    def learns(self) -> tuple[str | None, str, str]:
        """What its successor learns from, and for how long."""
        return self.labeller, self.pseudo_labels, self.steps


class Narrow(Block):
    """A part of a run. It changes no job's hash, so a later whole run repeats no job."""

    seeds: tuple[int, ...] = Field((), description="Only these of the run's seeds; all when empty.")
    points: tuple[int, ...] = Field(
        (),
        description="Successors are fitted at these points only; at all that they have when empty. The "
        "curves of models that choose keep all points, because choosing takes them.",
    )
    targets: tuple[str, ...] = Field(
        (),
        description="Only these figures, panels and tables, with the series that they show; all when empty.",
    )
    command: Words = Field("", description="The command that asked for it; in the report.")


class Grid(Block):
    """Many series at once: every pair with every strategy and subsampling, on every dataset."""

    datasets: tuple[Name, ...] = Field(min_length=1)
    pairs: tuple[tuple[Name, Name], ...] = Field(min_length=1, description="[acquisition, successor] pairs.")
    strategies: tuple[Name, ...] = Field(min_length=1)
    subsampling: tuple[Name, ...] = Field(("none",), min_length=1)


class Figure(Block):
    """One figure of the report."""

    kind: Name = "learning_curves"
    dataset: Name
    series: tuple[SeriesName, ...] = Field(min_length=1)
    full: tuple[Name, ...] = Field((), description="Models whose full-data fit is drawn as an upper bound.")
    added: tuple[SeriesName, ...] = Field(
        (),
        description="Of `series` and `full`, those that a figure of the imitated study does not have, or is "
        "not known to have; the legend marks them.",
    )
    number: Words = Field("", description="Number in the report; counted from 1 when empty.")
    title: Words = ""


class Table(Block):
    """One table of the report."""

    kind: Name
    datasets: tuple[Name, ...] = Field((), description="All when empty.")
    series: tuple[SeriesName, ...] = Field((), description="All when empty.")
    iterations: tuple[int, ...] = Field(
        (), description="Rows of a table of times; a few that are evenly spread when empty."
    )
    published: Literal["", "1", "2", "3", "6"] = Field(
        "",
        description="For a table of kind published: the paper's table that stands beside this run's results. "
        "`series` are its columns, in the paper's order.",
    )
    number: Words = Field("", description="Number in the report; counted from 1 when empty.")
    title: Words = ""


class Inference(Block):
    """A decision of a config that regenerates a study, where the study says nothing or contradicts itself."""

    question: Words = Field(description="What the study leaves open or contradicts.")
    decision: Words = Field(description="What this config does.")
    reason: Words = Field(description="Why it does so.")
