"""Whole samples of two of the parity networks, from noise to image, by the loops of the DDIM and EDM papers in float64 around
the float32 networks: writes ddpm-ddim.npz and ddpmpp-edm-heun.npz to test/src/test/resources/parity/.

Row i starts from torch.manual_seed(i); torch.randn(3, 16, 16). Run after parity.py, which makes the same networks:
/usr/bin/python3 test/recipes/sampling.py
"""
import numpy as np
import torch

from parity import NETWORKS, TARGET

SAMPLES = 3


def network(name):
    """As parity.export makes it."""
    torch.manual_seed(sum(map(ord, name)))
    net = NETWORKS[name][0]().eval()
    for p in net.parameters():
        if p.dim() == 1 and float(p.abs().max()) == 0:
            torch.nn.init.normal_(p, std=0.1)
    known = np.load(TARGET / f"{name}.npz")
    inputs = [torch.tensor(known[k]) for k in NETWORKS[name][1](1)]
    assert np.array_equal(net(*inputs).numpy(), known[NETWORKS[name][2][0]]), "not the network of the fixture"
    return net


def noise():
    rows = []
    for seed in range(SAMPLES):
        torch.manual_seed(seed)
        rows.append(torch.randn(3, 16, 16))
    return torch.stack(rows).double()


def ddim(steps=10):
    """Song, Meng, Ermon 2021, eq. 12 with sigma = 0; steps spread evenly from 0 to 999."""
    net, x = network("ddpm"), noise()
    bar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    at = [round(999 / (steps - 1) * i) for i in range(steps)]
    for i in reversed(range(steps)):
        eps = net(x.float(), torch.full((SAMPLES,), at[i])).double()
        x0 = (x - np.sqrt(1 - bar[at[i]]) * eps) / np.sqrt(bar[at[i]])
        x = np.sqrt(bar[at[i - 1]]) * x0 + np.sqrt(1 - bar[at[i - 1]]) * eps if i else x0
    np.savez(TARGET / "ddpm-ddim.npz", samples=x.numpy())


def heun(n=9):
    """Karras et al. 2022, algorithm 1; row i has class i."""
    net, x = network("ddpmpp-edm"), 80 * noise()
    t = [(80 ** (1 / 7) + i / (n - 1) * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7 for i in range(n)] + [0.0]

    def slope(x, sigma):
        return (x - net(x.float(), torch.full((SAMPLES,), sigma), torch.eye(5)[:SAMPLES]).double()) / sigma
    for i in range(n):
        d = slope(x, t[i])
        y = x + (t[i + 1] - t[i]) * d
        x = x + (t[i + 1] - t[i]) * (d + slope(y, t[i + 1])) / 2 if t[i + 1] else y
    np.savez(TARGET / "ddpmpp-edm-heun.npz", samples=x.numpy())


if __name__ == "__main__":
    with torch.no_grad():
        ddim()
        heun()
