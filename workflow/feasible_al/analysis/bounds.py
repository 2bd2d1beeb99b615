"""Ranges in which a mean over seeds can lie, and the sides of a bound that tests are about."""

import math
from typing import Literal

Range = tuple[float, float]
"""The smallest and the largest possible mean."""
ANY: Range = (-math.inf, math.inf)
AMOUNT: Range = (0.0, math.inf)
FRACTION: Range = (0.0, 1.0)  # a score is one, too
DIFFERENCE: Range = (-1.0, 1.0)  # of two scores

Side = Literal["above", "below", "within"]
"""Where a mean is claimed to lie: above or below a bound, or nearer to 0 than it."""
