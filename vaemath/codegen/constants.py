"""Numbers that a kernel holds as float64 and a theorem holds exactly."""

from __future__ import annotations

import math

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
