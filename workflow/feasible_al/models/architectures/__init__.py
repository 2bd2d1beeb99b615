"""Architectures: one file each defines the config block of a kind, which says how a model is built.

Plug-ins register theirs with :func:`architecture`; those are trained from random weights over the words of a
training set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feasible_al.core.registry import Registry, origin

if TYPE_CHECKING:  # slow to import, and validation must be fast
    from feasible_al.engine.model import UnitModel

Build = Callable[..., "UnitModel"]
"""``(words, classes, tagging, **settings) -> model``: over word ids below ``words``; 0 is padding, 1 unknown.

The model draws its weights from torch's global generator, which is seeded before the call.
"""


@dataclass(frozen=True)
class Architecture:
    """A registered architecture.

    Attributes:
        build: makes a model.
        version: raised when its results may change; a higher one reruns what depends on it.
        citation: where it comes from.
        origin: digest of its file.
    """

    build: Build
    version: int
    citation: str
    origin: str


ARCHITECTURES: Registry[Architecture] = Registry("architecture")


def architecture(name: str, *, citation: str, version: int = 1) -> Callable[[Build], Build]:
    """Decorator that registers an architecture under ``name``, which configs give as ``architecture``."""

    def register(build: Build) -> Build:
        ARCHITECTURES.add(name, Architecture(build, version, citation, origin(build)))
        return build

    return register
