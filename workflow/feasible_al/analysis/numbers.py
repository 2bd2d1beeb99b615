"""Numbers as tables, claims and sentences print them."""

import math
from collections.abc import Callable

from feasible_al.analysis.intervals import Interval

ABSENT = "n/a"
FIXED = "\N{NO-BREAK SPACE}"
SMALLEST_P = 1e-4  # that four decimals show


def plus_minus(mean: float, std: float, decimals: int) -> str:
    """``mean ± std``, the mean alone below two values, "n/a" without any."""
    if math.isnan(mean):
        return ABSENT
    return (
        f"{mean:,.{decimals}f}"
        if math.isnan(std)
        else f"{mean:,.{decimals}f}{FIXED}±{FIXED}{std:,.{decimals}f}"
    )


def with_bounds(interval: Interval, decimals: int) -> str:
    """``+0.012 [-0.003, +0.027]``; the mean alone where there is no interval, "n/a" without any value."""
    return _bounded(interval, lambda value: _signed(value, decimals))


def unsigned(interval: Interval, decimals: int) -> str:
    """``0.812 [0.797, 0.827]``; the mean alone where there is no interval, "n/a" without any value."""
    return _bounded(interval, lambda value: number(value, decimals))


def _bounded(interval: Interval, shown: Callable[[float], str]) -> str:
    if not interval.known:
        return shown(interval.mean)
    return f"{shown(interval.mean)} [{shown(interval.low)},{FIXED}{shown(interval.high)}]"


def _signed(value: float, decimals: int) -> str:
    if math.isnan(value):
        return ABSENT
    return f"{round(value, decimals) + 0.0:+,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def p_value(p: float) -> str:
    """``= 0.0123``, or ``< 0.0001``."""
    return f"= {p:.4f}" if p >= SMALLEST_P else f"< {SMALLEST_P}"


def number(value: float, decimals: int) -> str:
    """A number rounded, "n/a" for NaN."""
    return ABSENT if math.isnan(value) else f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
