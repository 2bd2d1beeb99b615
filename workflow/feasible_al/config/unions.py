"""Open unions: config blocks that are defined in files of the packages above, and differ in their ``kind``.

A file format, an architecture, a subsampling rule or a claim kind is one file in one folder. This module
knows only the names of those folders. It imports their files when the config's schema is first needed.
"""

import importlib
import pkgutil
from typing import Annotated, Any, Literal, TypeVar, Union, get_args

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from feasible_al.config.blocks import Block
from feasible_al.core.registry import Registry

B = TypeVar("B", bound=Block)


def load_all(folder: str) -> None:
    """Import every file of a package, such as ``feasible_al.subsampling``."""
    package = importlib.import_module(folder)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{folder}.{module.name}")


class OpenUnion:
    """A union of blocks; the annotation of a field whose type is their base class.

    Args:
        noun: what a block is called in error messages, such as "subsampling rule".
        folder: the package whose files define the blocks.
    """

    def __init__(self, noun: str, folder: str) -> None:
        self._blocks: Registry[type[Block]] = Registry(noun)
        self._folder = folder

    def register(self, block: type[B]) -> type[B]:
        """Class decorator that adds a block under the only value of its field ``kind``."""
        (kind,) = get_args(block.model_fields["kind"].annotation)
        self._blocks.add(kind, block)
        return block

    def blocks(self) -> dict[str, type[Block]]:
        """All blocks by kind."""
        load_all(self._folder)
        return dict(self._blocks.items())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of a union of all blocks."""
        union: Any = Union[tuple(self.blocks().values())]  # noqa: UP007 - of blocks found at run time
        return handler.generate_schema(Annotated[union, Field(discriminator="kind")])


class OpenLiteral:
    """The names in a registry of a package above; the annotation of a field of type ``str``.

    Args:
        folder: the package whose files register components.
        registry: the registry's name in the package.
    """

    def __init__(self, folder: str, registry: str) -> None:
        self._folder, self._registry = folder, registry

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of a literal with all names."""
        load_all(self._folder)
        names = getattr(importlib.import_module(self._folder), self._registry)
        return handler.generate_schema(Literal[tuple(names)])
