"""The sweep over float32, on a part of it; all 2^32 numbers are an opt-in command."""

from __future__ import annotations

import pytest
import torch

from vaemath.accuracy.exhaustive import FUNCTIONS, bits, sweep

BOUNDS = {
    "(e^s - 1 - s)/2": 2.0,
    "(e^s - 1)/2": 0.6,
    "t - log(1 + t)": 0.6,
    "log(1 + e^-|l|)": 2.0,
    "1/(1 + e^|l|)": 3.0,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_part_of_all_float32(name: str) -> None:
    *_, last = sweep(name, stride=512)
    assert last.inputs > 3_000_000
    assert last.ulp <= BOUNDS[name]
    assert last.wrong == 0


def test_bit_patterns() -> None:
    assert bits(0x3F800000, 0x3F800001).tolist() == [1.0]
    assert bits(0xBF800000, 0xBF800001).tolist() == [-1.0]
    assert torch.isnan(bits(0xFFFFFFFF, 1 << 32)).all()
    assert bits(0, 2).tolist() == [0.0, 2.0**-149]
