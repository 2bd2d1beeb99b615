"""The sizes of datasets, before and after they are prepared."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from feasible_al.config import Config
from feasible_al.config.data import Counts, DatasetBlock, FilesSource, GeneratedSource, WheelSource
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json
from feasible_al.data.prepare import prepare
from feasible_al.data.readers.generated import LONGEST, SHORTEST, labels
from feasible_al.jobs import Prepare
from feasible_al.jobs.budget import amounts_of

SUBWORDS_PER_WORD = 1.3
MOST_SUBWORDS = 512


class Size(NamedTuple):
    """The size of one split: its instances, and its tokens (words)."""

    instances: int
    tokens: int


class Sizes(NamedTuple):
    """The sizes of both splits of a dataset."""

    train: Size
    test: Size


def sizes_of(config: Config, name: str, run_folder: Path) -> Sizes:
    """The sizes of a dataset: as prepared or, before that, as expected in the config or as generated.

    Tokens of generated texts are counted by their mean length. If the config gives the tokens of only one
    split, the texts of the other are assumed to have the same mean length.

    Args:
        config: the resolved config.
        name: the name of the dataset.
        run_folder: ``results/<run>``.

    Raises:
        InputError: if the sizes are not known; names the config key that could give them.
    """
    stats = run_folder / Prepare(name).folder / "stats.json"
    if stats.exists():
        return _from_stats(read_json(stats)["splits"])
    block = config.datasets[name]
    known_train = _from_config(block, "train") or _like_other(block, "train", _from_config(block, "test"))
    known_test = _from_config(block, "test") or _like_other(block, "test", known_train)
    if known_train is None or known_test is None:
        raise InputError(
            "the sizes of this dataset are not known here: give instances and tokens of train and test, "
            "or prepare it first (feasible-al run CONFIG --target data)",
            f"datasets.{name}.expect",
        )
    return Sizes(known_train, known_test)


def counted_sizes_of(config: Config, name: str, run_folder: Path) -> Sizes:
    """The same; files that are here and neither prepared nor described are read, checked and counted.

    Args:
        config: the resolved config.
        name: the name of the dataset.
        run_folder: ``results/<run>``.

    Raises:
        InputError: if the sizes are not known, or preparing the dataset would fail.
    """
    try:
        return sizes_of(config, name, run_folder)
    except InputError:
        block = config.datasets[name]
        if not isinstance(block.source, FilesSource | WheelSource):
            raise
    splits = prepare(block, f"datasets.{name}").stats["splits"]
    return _from_stats(splits)


def _from_stats(splits: dict[str, Any]) -> Sizes:
    train, test = (Size(splits[split]["instances"], splits[split]["tokens"]) for split in ("train", "test"))
    return Sizes(train, test)


def _from_config(block: DatasetBlock, split: Literal["train", "test"]) -> Size | None:
    """The size of a split that the config gives; None if it gives only a part."""
    expected = block.expect.get(split, Counts())
    if expected.instances and expected.tokens:
        return Size(expected.instances, expected.tokens)
    if isinstance(block.source, GeneratedSource):
        instances = block.source.train if split == "train" else block.source.test
        if split == "train" and block.profile:
            instances = sum(block.profile.sizes(labels(block.task, block.source.classes)).values())
        return Size(instances, round(instances * (SHORTEST + LONGEST) / 2))
    return None


def _like_other(block: DatasetBlock, split: Literal["train", "test"], other: Size | None) -> Size | None:
    """The size of a split with known instances, if its texts are as long as those of the other split."""
    instances = block.expect.get(split, Counts()).instances
    if other is None or instances is None:
        return None
    return Size(instances, round(instances * other.tokens / other.instances))


def length_of(config: Config, name: str, split: Size) -> float:
    """The mean length of an instance in subwords, special tokens included."""
    longest = config.datasets[name].max_length or MOST_SUBWORDS
    return min(SUBWORDS_PER_WORD * split.tokens / split.instances + 2, longest)


def labelled(config: Config, name: str, sizes: Sizes) -> list[int]:
    """The number of labelled instances at every point.

    Exact for classification. For tagging, budgets are tokens, and instances are assumed to have the mean
    length, although a strategy may prefer others; the sentence that crosses a budget is not counted.

    Raises:
        InputError: if the budget does not fit the dataset.
    """
    block = config.datasets[name]
    everything, tokens = sizes.train
    unit, total = ("tokens", tokens) if block.task == "tagging" else ("instances", everything)
    budget = amounts_of(block.budget, total, unit, f"datasets.{name}.budget")
    amounts = (budget.seed + budget.query * point for point in range(block.budget.iterations + 1))
    return [min(everything, max(1, round(amount * everything / total))) for amount in amounts]
