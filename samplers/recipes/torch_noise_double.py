"""Writes torch-randn-double.txt: float64 draws, as bits. Seed, size, then all values of one draw.

    python3 torch_noise_double.py > ../src/test/resources/dev/reprise/samplers/noise/torch-randn-double.txt
"""
import torch

for seed in [0, 7, 2**33 + 1]:
    for n in [3, 15, 16, 37]:
        torch.manual_seed(seed)
        x = torch.randn(n, dtype=torch.float64).numpy().view("<u8")
        print(seed, n, " ".join("%016x" % int(v) for v in x))
