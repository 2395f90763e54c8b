"""Writes ddim-grids.txt: the steps that DDIM, guided-diffusion and diffusers visit, spelled out from their definitions.

    python3 ddim_grids.py > ../src/test/resources/dev/reprise/samplers/solver/ddim-grids.txt
"""
import numpy as np


def even(n, s):
    at, out = 0.0, []
    for _ in range(s):
        out.append(round(at))
        at += (n - 1) / (s - 1)
    return out


def stride(n, s):
    for i in range(1, n):
        if len(range(0, n, i)) == s:
            return list(range(0, n, i))
    return []


GRIDS = {
    "even": even,
    "uniform": lambda n, s: list(range(0, n, n // s)),
    "quadratic": lambda n, s: [int(v) for v in np.linspace(0, np.sqrt(n * 0.8), s) ** 2],
    "stride": stride,
    "leading": lambda n, s: [int(v) for v in (np.arange(0, s) * (n // s)).round()],
    "trailing": lambda n, s: [int(v) for v in (np.round(np.arange(n, 0, -n / s)) - 1)[::-1]],
}
for name, grid in GRIDS.items():
    for n in [1000, 100]:
        for s in [2, 5, 10, 16, 20, 50, 64, 100]:
            print(name, n, s, *grid(n, s))
