"""The config blocks of datasets: where rows come from, what is checked, how much is labelled."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from feasible_al.config.blocks import Block, Name, TrainingOverride, Words
from feasible_al.config.unions import OpenLiteral
from feasible_al.core.values import part

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Paths = str | tuple[str, ...]


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    repeated = [name for place, name in enumerate(names) if name in names[:place]]
    if repeated:
        raise ValueError(f"{repeated[0]!r} occurs twice")
    return names


Labels = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_distinct)]
Task = Literal["classification", "tagging"]
Metric = Literal["accuracy", "balanced_accuracy", "macro_f1", "f1", "f1_strict"]
METRICS: dict[Task, tuple[Metric, ...]] = {
    "classification": ("accuracy", "balanced_accuracy", "macro_f1"),
    "tagging": ("f1", "f1_strict"),
}
"""The metrics of each task; the first one is the default."""


class Columns(Block):
    """Which columns hold what. CoNLL columns are numbers from 0; negative ones count from the end."""

    text: str | int | None = Field(None, description="The text, or the words when tagging.")
    label: str | int | None = Field(None, description="The class, or the tags when tagging.")
    id: str | None = Field(None, description="An identifier that must be unique, when the rows have one.")


class FilesSource(Block):
    """Local files."""

    kind: Literal["files"]
    format: Annotated[str, OpenLiteral("feasible_al.data.readers", "FORMATS")]
    train: Paths = Field(description="Path or paths; ${NAME} is taken from the environment.")
    test: Paths
    columns: Columns = Columns()
    labels: Labels | None = Field(
        None,
        description="Class or tag names in the order of integer labels, including those that only the test "
        "set has. When absent, the names in the files' metadata, or those that occur.",
    )
    comment: str | None = Field(
        None,
        min_length=1,
        description="Lines that begin with this are skipped, such as `# `; of csv, jsonl and conll files.",
    )
    limit: dict[Literal["train", "test"], Annotated[int, Field(ge=1)]] = Field(
        {}, description="Largest number of instances per split, for short trials: a fixed uniform sample."
    )


class HubSource(Block):
    """A script-free repository of the Hugging Face Hub at a revision."""

    kind: Literal["hub"]
    repository: str = Field(description="owner/name, or a local folder in the Hub's layout.")
    revision: str | None = Field(
        None,
        description="Commit, tag or branch; the last two can move between two fetches. Required for a remote "
        "repository.",
    )
    name: str | None = Field(None, description="Configuration of the repository.")
    data_files: dict[Literal["train", "test"], Paths] | None = Field(
        None, description="Files inside the repository, where it does not name its splits itself."
    )
    format: Literal["json", "csv", "parquet"] | None = Field(
        None, description="Format of data_files; when absent, that of their endings."
    )
    train_split: str = "train"
    test_split: str = "test"
    columns: Columns = Columns()
    labels: Labels | None = Field(
        None, description="Names of integer labels in order, where the repository's features carry none."
    )


class WheelSource(Block):
    """Data files of an installed Python distribution, whose code is never imported."""

    kind: Literal["wheel"]
    distribution: str
    folder: str = Field(description="Folder of the data files inside the distribution.")
    sha256: Sha256 = Field(description="Digest of that folder, as `feasible-al digest` prints it.")
    reader: Annotated[str, OpenLiteral("feasible_al.data.readers", "WHEEL_READERS")]
    test_share: float = Field(0.25, gt=0, lt=1, description="Share of the articles that are test.")
    limit: dict[Literal["train", "test"], int] | None = Field(
        None, description="Largest number of instances per split; the first ones in a fixed shuffled order."
    )
    seed: int = Field(0, ge=0, description="Seed of the split and the order.")


class GeneratedSource(Block):
    """Text that the project makes itself: seeded, learnable, with rare words and ambiguity."""

    kind: Literal["generated"]
    train: int = Field(ge=1, description="Instances.")
    test: int = Field(ge=1)
    classes: int = Field(4, ge=2, description="Classes, or entity types when tagging.")
    seed: int = Field(0, ge=0)


Source = Annotated[FilesSource | HubSource | WheelSource | GeneratedSource, Field(discriminator="kind")]


class Checks(Block):
    """What is done about rows that a benchmark should not have; all of it is counted and reported."""

    duplicates: Literal["keep", "drop"] = Field(
        "keep",
        description="Exact duplicates inside a split (case and white space aside): keep, or keep the first.",
    )
    overlap: Literal["keep", "drop"] = Field(
        "keep", description="Training instances that also occur in the test set: keep or drop."
    )
    iob: Literal["refuse", "repair"] = Field(
        "refuse", description="An I- tag that continues no span: an error, or changed to B-."
    )


class Budget(Block):
    """How much is labelled: a value below 1 is a share of the training set, one from 1 on is a count.

    Classification counts instances, tagging counts tokens (words).
    """

    seed: float = Field(gt=0, description="Size of the seed set.")
    query: float = Field(gt=0, description="Size of each query.")
    iterations: int = Field(ge=1, description="Queries after the seed set.")

    @model_validator(mode="after")
    def _fits(self) -> "Budget":
        for name, value in (("seed", self.seed), ("query", self.query)):
            if value >= 1 and value != int(value):
                raise ValueError(f"{name} {value} is neither a share below 1 nor a whole number")
        shares = self.seed < 1 and self.query < 1
        if shares and part(self.seed, 1) + part(self.query, self.iterations - 1) >= 1:
            raise ValueError(
                f"seed {self.seed} and {self.iterations} queries of {self.query} add up to more than the pool"
            )
        return self


class Counts(Block):
    """Sizes that a split must have after loading."""

    instances: int | None = Field(None, ge=1)
    tokens: int | None = Field(None, ge=1)


class ExplicitProfile(Block):
    """So many training instances of each class."""

    kind: Literal["explicit"]
    counts: dict[str, Annotated[int, Field(ge=1)]] = Field(
        min_length=1, description="Instances by class; of a class that is not named, none are kept."
    )
    seed: int = Field(0, ge=0, description="Seed of the sample.")

    def sizes(self, classes: Sequence[str]) -> dict[str, int]:
        """The number of instances kept, by class."""
        return self.counts


class GeometricProfile(Block):
    """A long tail: sizes fall by the same factor from class to class, in the order of the labels.

    The exponential profile of Cui et al. (2019, Class-Balanced Loss), whose imbalance factor is ``ratio``.
    """

    kind: Literal["geometric"]
    largest: int = Field(ge=1, description="Training instances of the first class.")
    ratio: float = Field(ge=1, description="The first class is this many times as large as the last.")
    seed: int = Field(0, ge=0, description="Seed of the sample.")

    def sizes(self, classes: Sequence[str]) -> dict[str, int]:
        """The number of instances kept, by class: rounded, and at least 1."""
        last = max(1, len(classes) - 1)
        return {
            name: max(1, round(self.largest * self.ratio ** (-place / last)))
            for place, name in enumerate(classes)
        }


Profile = Annotated[ExplicitProfile | GeometricProfile, Field(discriminator="kind")]


class Full(Block):
    """Fits on the whole training set: the upper bound of every curve."""

    models: tuple[Name, ...] = Field(min_length=1)
    seeds: int = Field(1, ge=1, description="How many of the run's seeds; the first ones are used.")


class DatasetBlock(Block):
    """A dataset and how it is used."""

    task: Task
    source: Source
    budget: Budget
    label: Words = Field("", description="Name in figures and tables.")
    note: Words = Field("", description="A sentence for the report: what the data are, and their terms.")
    checks: Checks = Checks()
    profile: Profile | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="How many instances of each class the training set keeps after the checks: a seeded "
        "uniform sample within each class. Of classification only; the test set stays as it is.",
    )
    metric: Metric | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="The score in figures, tables and claims. Classification: accuracy (default), "
        "balanced_accuracy, macro_f1. Tagging: f1 (default; spans as conlleval counts them) or f1_strict.",
    )
    expect: dict[Literal["train", "test"], Counts] = Field(
        {}, description="Exact sizes, checked after loading."
    )
    max_length: int | None = Field(
        None,
        ge=8,
        description="Longest input in subwords, special tokens included; the model's limit if smaller.",
    )
    training: TrainingOverride = TrainingOverride()
    full: Full | None = None
    skip: Words = Field(
        "", description='Why nothing is run on it, if so; figures and tables then say "not run".'
    )

    @property
    def shown_metric(self) -> Metric:
        """The score in figures, tables and claims."""
        return self.metric or METRICS[self.task][0]

    @property
    def stored_metrics(self) -> tuple[Metric, ...]:
        """The scores that fits store; the first one decides whether a fit is better than a constant answer.

        When tagging always the same ones, so that a finished run can show the other without new fits.
        """
        default, *others = METRICS[self.task]
        if self.task == "tagging":
            return default, *others
        return tuple(dict.fromkeys((self.shown_metric, default)))
