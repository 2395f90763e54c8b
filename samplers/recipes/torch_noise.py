"""Writes the fixture that NoiseTest compares with: what PyTorch draws on an x86-64 machine with AVX2.

    python3 torch_noise.py > ../src/test/resources/dev/reprise/samplers/noise/torch-randn.txt

Each line: seed, the sizes drawn one after the other from one generator, the SHA-256 of the float32 bytes of the last
draw, and the bits of its first and last two values. Written with torch 1.13.1.
"""
import hashlib

import torch

SIZES = [5, 15, 16, 17, 31, 100, 768, 3072, 12288, 100003]
SEEDS = [0, 1, 42, 12345, 2**31 + 7, 2**32 + 5, 2**40 + 5]
SEQUENCES = [[1, 1], [5, 16], [5, 16, 3], [17, 7, 7], [3072, 15, 3072], [2, 3, 3, 100]]


def line(seed, sizes):
    torch.manual_seed(seed)
    for n in sizes:
        x = torch.randn(n)
    b = x.numpy().astype("<f4")
    ends = [int(v) for v in list(b.view("<u4")[:2]) + list(b.view("<u4")[-2:])]
    ends = " ".join("%08x" % v for v in ends)
    return "%d %s %s %s" % (seed, ",".join(map(str, sizes)), hashlib.sha256(b.tobytes()).hexdigest(), ends)


for seed in SEEDS:
    for n in SIZES:
        print(line(seed, [n]))
for sizes in SEQUENCES:
    print(line(9, sizes))
