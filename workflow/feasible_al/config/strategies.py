"""What query strategies can need, and the block of those of another library."""

from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from feasible_al.config.blocks import Block, Words

Need = Literal[
    "probabilities",
    "embeddings",
    "labelled_embeddings",
    "labelled_probabilities",
    "labelled_labels",
    "mc_probabilities",
]
"""What the acquisition model computes for a strategy that asks for it; see the strategies' ``PoolView``."""


class LibraryStrategy(Block):
    """A pool strategy of scikit-activeml, which series name as their strategy."""

    model_config = ConfigDict(serialize_by_alias=True)

    library: Literal["scikit-activeml"] = Field(alias="from")
    name: Words = Field(description="A class of skactiveml.pool, such as TypiClust.")
    needs: Need | tuple[Need, ...] = Field(
        description="What it gets of the acquisition model. Its samples X are the embeddings or, without "
        "them, the probabilities; samples with labels are there only if those of labelled instances are "
        "needed too. Its classifier predicts the probabilities, and its ensemble those with dropout.",
    )
    settings: dict[str, JsonValue] = Field({}, description="Arguments of the class, by name.")
    citation: Words = Field("", description="Where it comes from; what the class itself cites when empty.")

    @property
    def needed(self) -> frozenset[Need]:
        """What it gets of the acquisition model."""
        return frozenset((self.needs,) if isinstance(self.needs, str) else self.needs)
