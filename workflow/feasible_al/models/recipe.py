"""What a fit starts from: a tokenizer, and a fresh model for every fit."""

from typing import Protocol

import torch

from feasible_al.data.types import Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens


class Recipe(Protocol):
    """A model of the config made ready for one dataset; loaded once per job."""

    def tokenize(self, split: Split) -> Tokens:
        """The split's instances as token ids, with one unit per text or word."""

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A model that no data has touched, on ``device``.

        Args:
            seed: of the run.
            point: of the trajectory; with the seed it names the generator of the new weights.
            device: where the model goes.
            plain: as the paper's timings contain it: the checkpoint read again, layers run as their library
                does. Otherwise the initial weights are kept, and nothing is computed that nobody reads.
        """
