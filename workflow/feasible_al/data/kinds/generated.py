"""Sources of kind `generated`: text that the project makes itself."""

from feasible_al.config.data import GeneratedSource
from feasible_al.data.readers import generated
from feasible_al.data.rows import digest_of
from feasible_al.data.types import Loaded


def load(source: GeneratedSource, task: str) -> Loaded:
    """The rows that the config asks for."""
    rows = {
        split: generated.read(task, split, size, source.classes, source.seed)
        for split, size in (("train", source.train), ("test", source.test))
    }
    return Loaded(
        rows,
        generated.labels(task, source.classes),
        f"generated text, {source.classes} classes, seed {source.seed}",
        {f"rows:{split}": digest_of(found) for split, found in rows.items()},
    )
