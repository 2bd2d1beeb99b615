"""Shares of whole numbers, exact for the decimal fraction that a person wrote."""

from fractions import Fraction


def part(share: float, whole: int) -> Fraction:
    """``share`` of ``whole``: 0.29 of 100 is 29, where floats make it 28.999999999999996.

    Args:
        share: a number as a config file has it, 0.29 say.
        whole: of what.
    """
    return Fraction(str(share)) * whole
