"""Writes the fixture that NumpyNoiseTest compares with: what NumPy draws on an x86-64 Linux machine with FMA.

    python3 numpy_noise.py > ../src/test/resources/dev/reprise/samplers/noise/numpy-normal.txt

Each line: generator (legacy, pcg64 or pcg64-float32), seed, the sizes drawn one after the other, the SHA-256 of the bytes of
the last draw, and the bits of its first and last two values. Written with NumPy 1.24.2 and glibc 2.36.
"""
import hashlib

import numpy

SIZES = [1, 5, 15, 16, 17, 33, 3072, 12288, 100003]
SEEDS = [0, 1, 42, 12345, 2**31 + 7, 2**32 - 1, 2**32 + 5, 2**40 + 5, 2**63 - 1]
SEQUENCES = [[1, 1], [5, 16, 3], [3, 3072, 7]]


def draws(kind, seed):
    if kind == "legacy":
        return numpy.random.RandomState(seed).standard_normal
    g = numpy.random.default_rng(seed)
    dtype = numpy.float32 if kind == "pcg64-float32" else numpy.float64
    return lambda n: g.standard_normal(n, dtype=dtype)


def line(kind, seed, sizes):
    draw = draws(kind, seed)
    for n in sizes:
        x = draw(n)
    u = x.view("<u4" if x.itemsize == 4 else "<u8")
    ends = " ".join("%0*x" % (2 * x.itemsize, int(v)) for v in list(u[:2]) + list(u[-2:]))
    return "%s %d %s %s %s" % (kind, seed, ",".join(map(str, sizes)), hashlib.sha256(x.tobytes()).hexdigest(), ends)


for kind in ["legacy", "pcg64", "pcg64-float32"]:
    for seed in SEEDS:
        if kind == "legacy" and seed >= 2**32:
            continue
        for n in SIZES:
            print(line(kind, seed, [n]))
    for sizes in SEQUENCES:
        print(line(kind, 9, sizes))
    print(line(kind, 7, [2000000]))
