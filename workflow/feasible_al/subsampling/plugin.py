"""Subsampling rules that plug-ins define."""

from typing import Literal

from pydantic import Field

from feasible_al.config.blocks import Name
from feasible_al.config.subsampling import RULE_BLOCKS, RankedRule


@RULE_BLOCKS.register
class PluginRule(RankedRule):
    """A rule that a plug-in defines."""

    kind: Literal["plugin"]
    name: Name = Field(description="The name that the plug-in registers it under.")
    share: float = Field(gt=0, le=1, description="Share of the pool that it keeps on average, for estimates.")
    settings: dict[str, int | float | str] = Field({}, description="Settings that the rule reads.")

    @property
    def rule(self) -> str:
        """The name that the rule is registered under."""
        return self.name

    @property
    def expected_share(self) -> float:
        """The share of the pool that is kept on average."""
        return self.share

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        return f"what the rule {self.rule} keeps, about {100 * self.share:.4g}% of it"
