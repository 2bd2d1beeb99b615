"""Profiles: a training set that keeps only so many instances of each class."""

from feasible_al.config.data import Profile
from feasible_al.core import rng
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.data.checks import Checked, Numbered
from feasible_al.data.rows import names


def keep(checked: Checked, labels: tuple[str, ...], profile: Profile, where: str) -> Checked:
    """What a profile keeps: training rows in their order and with their numbers, and the whole test set.

    A smaller sample of a class is part of every larger one with the same seed.

    Args:
        checked: rows with a class each.
        labels: all classes, in their order.
        profile: how many training rows of each class.
        where: config key of the profile.

    Returns:
        The rows, and among the counts of the training set ``profile_dropped``.

    Raises:
        InputError: naming the config key: the profile names an unknown class, asks for more of a class than
            there is, or keeps none of a class that the test set has.
    """
    train, test = (_by_class(checked.rows[split]) for split in ("train", "test"))
    sizes = profile.sizes([label for label in labels if label in train])
    key = f"{where}.{'counts' if profile.kind == 'explicit' else 'largest'}"
    for name, size in sizes.items():
        if name not in train:
            raise unknown_name("class", name, train, key)
        if size > (there := len(train[name])):
            message = f"asks for {size:,} training instances of the class {name!r}; there are {there:,}"
            raise InputError(f"{message} after the checks", key)
    for name in (name for name in test if name in train and name not in sizes):
        message = f"keeps none of the {len(train[name]):,} training instances of the class {name!r}, of which"
        raise InputError(f"{message} the test set has {len(test[name]):,}; say how many", key)
    kept: set[int] = set()
    for name, size in sizes.items():
        order = rng.generator(profile.seed, "profile", labels.index(name)).permutation(train[name])
        kept.update(order[:size].tolist())
    rows = [(number, row) for number, row in checked.rows["train"] if number in kept]
    dropped = {"profile_dropped": len(checked.rows["train"]) - len(rows)}
    counts = checked.counts | {"train": checked.counts["train"] | dropped}
    return Checked(checked.rows | {"train": rows}, counts)


def _by_class(rows: Numbered) -> dict[str, list[int]]:
    """The numbers of the rows of each class."""
    found: dict[str, list[int]] = {}
    for number, row in rows:
        for name in names(row):
            found.setdefault(name, []).append(number)
    return found
