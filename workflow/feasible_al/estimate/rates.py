"""How fast a device is, as far as it is known."""

from dataclasses import dataclass

TRAINING_SHARE, PREDICTION_SHARE = 0.5, 0.6
STEP_SECONDS, SMALL_STEP_SECONDS = 0.02, 0.002
FLOAT32_SHARE = 1 / 16  # of tensor cores' bfloat16 rate, which data sheets of GPUs give for float32


@dataclass(frozen=True)
class Speed:
    """What a device does; all but the first is assumed where it was not measured.

    Attributes:
        rate: operations per second in large matrix products, in the engine's precision.
        float32_rate: the same in float32, in which paper mode predicts.
        training_share: share of the rate that models reach in training.
        prediction_share: the same in prediction.
        step_seconds: what an optimiser step takes besides its operations.
        small_step_seconds: the same for heads and small networks.
    """

    rate: float
    float32_rate: float
    training_share: float = TRAINING_SHARE
    prediction_share: float = PREDICTION_SHARE
    step_seconds: float = STEP_SECONDS
    small_step_seconds: float = SMALL_STEP_SECONDS

    @classmethod
    def assumed(cls, rate: float) -> "Speed":
        """Of a device of which only the rate is known."""
        return cls(rate, rate * FLOAT32_SHARE)
