"""Writes the fixtures that NoiseTest compares with: what PyTorch draws on an x86-64 Linux machine with AVX2 and FMA.

    D=../src/test/resources/dev/reprise/samplers/noise
    python3 torch_noise.py > $D/torch-randn.txt
    python3 torch_noise.py float64 > $D/torch-randn-double.txt
    ATEN_CPU_CAPABILITY=default python3 torch_noise.py > $D/torch-randn-libm.txt

Each line: seed, the sizes drawn one after the other from one generator, the SHA-256 of the bytes of the last draw, and the
bits of its first and last two values. Written with Debian 12's torch 1.13.1 and glibc 2.36.
"""
import hashlib
import sys

import torch

DOUBLE = "float64" in sys.argv
SIZES = [1, 5, 15, 16, 17, 31, 33, 100, 768, 3072, 12288, 100003]
SEEDS = [0, 1, 42, 12345, 2**31 + 7, 2**32 + 5, 2**33 + 1, 2**40 + 5, 2**63 - 1]
SEQUENCES = [[1, 1], [5, 16], [5, 16, 3], [17, 7, 7], [3072, 15, 3072], [2, 3, 3, 100]]


def line(seed, sizes):
    torch.manual_seed(seed)
    for n in sizes:
        x = torch.randn(n, dtype=torch.float64 if DOUBLE else torch.float32)
    b = x.numpy().astype("<f8" if DOUBLE else "<f4")
    u = b.view("<u8" if DOUBLE else "<u4")
    ends = " ".join(("%016x" if DOUBLE else "%08x") % int(v) for v in list(u[:2]) + list(u[-2:]))
    return "%d %s %s %s" % (seed, ",".join(map(str, sizes)), hashlib.sha256(b.tobytes()).hexdigest(), ends)


for seed in SEEDS:
    for n in SIZES:
        print(line(seed, [n]))
for sizes in SEQUENCES:
    print(line(9, sizes))
