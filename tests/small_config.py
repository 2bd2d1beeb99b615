"""The smallest configs that run: generated text, a small convolutional network, one seed."""

from typing import Any

CNN = {"kind": "text_cnn", "embedding_size": 8, "filters": 4}
LC = {"datasets": ["topics"], "acquisition": "cnn", "strategy": "least_confidence", "successor": "cnn"}
"""A series: the network chooses by least confidence and learns from its choice."""


def generated(*, train: int, seed: float, query: float, test: int = 20, **block: Any) -> dict[str, Any]:
    """A dataset of generated text.

    Args:
        train: instances of the training set.
        seed: size of the seed set, in instances, or in tokens when tagging.
        query: size of a query, as ``seed``.
        test: instances of the test set.
        block: ``classes`` and ``iterations``, and other keys of the dataset's block.
    """
    source = {"kind": "generated", "train": train, "test": test, "classes": block.pop("classes", 3)}
    budget = {"seed": seed, "query": query, "iterations": block.pop("iterations", 1)}
    return {"task": "classification", "source": source, "budget": budget, **block}


def small_config(name: str, **blocks: Any) -> dict[str, Any]:
    """A config of the run ``name`` with one seed on the CPU; ``blocks`` are added or put in the place of these."""
    return {
        "run": {"name": name},
        "seeds": [1],
        "engine": {"device": "cpu", "precision": "float32"},
        "models": {"cnn": CNN},
        **blocks,
    }
