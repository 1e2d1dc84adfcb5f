"""The sweep over float32, on a part of it; all 2^32 numbers are an opt-in command."""

from __future__ import annotations

import pytest
import torch

from vaemath.accuracy.exhaustive import FAMILIES, bits, chunk, sweep, unit

BOUNDS = {
    "(e^s - 1 - s)/2, torch": 2.0,
    "(e^s - 1)/2, torch": 0.6,
    "(e^s - 1 - s)/2, C": 2.0,
    "(e^s - 1)/2, C": 2.0,
    "log(1 + e^-|l|), torch": 2.0,
    "1/(1 + e^|l|), torch": 3.0,
    "log(1 + e^l), C": 2.0,
    "1/(1 + e^-l), C": 3.0,
    "t - log(1 + t), torch": 0.8,
}


def test_part_of_all_float32() -> None:
    tried = [t for name in FAMILIES for t in list(sweep(name, stride=512))[-1]]
    assert {t.function for t in tried} == BOUNDS.keys()
    for t in tried:
        assert t.inputs > 3_000_000
        assert t.ulp <= BOUNDS[t.function], t
        assert t.wrong == 0, t


@pytest.mark.parametrize(
    ("name", "place"),
    [  # where the whole sweep found the largest errors, where results end, and far out
        ("e^s", 4.3e-05),
        ("e^s", 13.164),
        ("e^s", 56.071),
        ("e^s", 89.415985),
        ("e^s", -81.0),
        ("e^s", -1e20),
        ("logistic", 4.1513),
        ("logistic", 86.75),
        ("logistic", -1.9476),
        ("log(1 + t)", 1.7261e-4),
    ],
)
def test_a_million_neighbours_of_the_worst_numbers(name: str, place: float) -> None:
    start = int(torch.tensor(place, dtype=torch.float32).view(torch.int32)) % (1 << 32) & ~((1 << 20) - 1)
    for t in chunk(name, start):
        assert t.ulp <= BOUNDS[t.function], t
        assert t.wrong == 0, t


def test_parts_join_to_what_one_sweep_finds() -> None:
    alone, apart = (list(sweep("log(1 + t)", stride=1024, workers=n))[-1] for n in (1, 2))
    assert alone == apart


def test_units() -> None:
    numbers = torch.tensor([1.0, 1.5, -1.999999999, 2.0, 1e-40, 0.0], dtype=torch.float64)
    assert unit(numbers).tolist() == [2.0**-23] * 3 + [2.0**-22] + [2.0**-149] * 2


def test_bit_patterns() -> None:
    assert bits(0x3F800000, 0x3F800001).tolist() == [1.0]
    assert bits(0xBF800000, 0xBF800001).tolist() == [-1.0]
    assert torch.isnan(bits(0xFFFFFFFF, 1 << 32)).all()
    assert bits(0, 2).tolist() == [0.0, 2.0**-149]
