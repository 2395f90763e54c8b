"""Judges trained models: python3 evaluate.py CHECKPOINTS DATA HELD_OUT GRID.png [--count N] [NAME...].

Every model samples from the same noises with the deterministic second-order sampler of EDM (18 steps, float64 state;
models with classes are told "no class"). Printed are RP (share of noises whose two images are copies, similarity > 0.6),
the MAE score (mean absolute difference < 15 of 255), GL (share of samples that copy no training image), and how the
descriptor behaves on random pairs, on held-out images and on copies. The grid has one row a model, one column a noise."""

import argparse
import os

import numpy as np
import torch
from PIL import Image

import data
import descriptor
import objective
from augment import copies
from specs import SPECS

STEPS, RHO = 18, 7.0


@torch.no_grad()
def sample(denoise, schedule, noise, variance_preserving):
    high, low = schedule.sigma_max ** (1 / RHO), max(schedule.sigma_min, 0.002) ** (1 / RHO)
    sigmas = [(high + i / (STEPS - 1) * (low - high)) ** RHO for i in range(STEPS)] + [0.0]
    x = noise.double() * (1 + sigmas[0] ** 2) ** 0.5 if variance_preserving else noise.double() * sigmas[0]
    for now, then in zip(sigmas[:-1], sigmas[1:]):
        slope = (x - denoise(x, now)) / now
        ahead = x + (then - now) * slope
        if then > 0:
            slope = 0.5 * (slope + (ahead - denoise(ahead, then)) / then)
            ahead = x + (then - now) * slope
        x = ahead
    return x.float()


def load(name, folder):
    spec = SPECS[name]
    state = torch.load(os.path.join(folder, name + ".pt"))
    network = spec["network"]()
    network.load_state_dict(state["average"])
    network.eval()
    return spec, network, state["step"]


def samples(name, folder, noise, label=None):
    spec, network, step = load(name, folder)
    schedule = spec["schedule"]()
    parts = []
    for chunk in noise.split(125):
        labels = None
        if spec["labelled"]:
            labels = torch.full((len(chunk),), data.CLASSES if label is None else label)
        denoise = objective.denoiser(network, spec["parameterization"], schedule, labels)
        parts.append(sample(denoise, schedule, chunk, spec["parameterization"] != "edm"))
    return data.to_bytes(torch.cat(parts)), step


@torch.no_grad()
def describe(network, images):
    return torch.cat([network(descriptor.preprocess(part)) for part in images.split(500)])


def quantiles(values):
    points = [0, .01, .05, .25, .5, .75, .95, .99, .999, 1]
    return " ".join(f"{p}:{v:.2f}" for p, v in zip(points, np.quantile(values.numpy(), points)))


def matrix(title, names, value):
    print("\n" + title)
    print(" " * 14 + " ".join(f"{name[:12]:>12}" for name in names))
    for a in names:
        print(f"{a:>14}" + " ".join(f"{value(a, b):12.3f}" for b in names))


def main():
    parser = argparse.ArgumentParser()
    for name in ("checkpoints", "data", "heldout", "grid"):
        parser.add_argument(name)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--count", type=int, default=500)
    args = parser.parse_args()
    torch.set_num_threads(1)
    names = args.names or list(SPECS)
    network = descriptor.Descriptor()
    network.load_state_dict(torch.load(os.path.join(args.checkpoints, "descriptor.pt"))["network"])
    network.eval()
    training, _ = data.load(args.data)
    heldout, _ = data.load(args.heldout, 0, 2000)
    known, fresh = describe(network, training), describe(network, heldout)

    similar = fresh @ fresh.t()
    pairs = similar[torch.triu_indices(len(fresh), len(fresh), 1).unbind()]
    print("descriptor: random pairs ", quantiles(pairs), f"share > 0.6: {(pairs > 0.6).float().mean():.5f}")
    torch.manual_seed(0)
    copied = describe(network, (copies(heldout.float() / 255) * 255).to(torch.uint8))
    agreed = (copied * fresh).sum(1)
    print("descriptor: copies       ", quantiles(agreed), f"share > 0.6: {(agreed > 0.6).float().mean():.4f}")
    nearest = (fresh @ known.t()).max(1).values
    print("held-out, nearest of 20000", quantiles(nearest), f"GL {(nearest <= 0.6).float().mean():.3f}")

    noise = torch.randn(args.count, 3, 16, 16, generator=torch.Generator().manual_seed(7))
    images, features = {}, {}
    for name in names:
        images[name], step = samples(name, args.checkpoints, noise)
        features[name] = describe(network, images[name])
        own = known[:SPECS[name]["count"]]
        nearest = (features[name] @ own.t()).max(1).values
        print(f"{name}: {step} steps, GL {(nearest <= 0.6).float().mean():.3f}, nearest {quantiles(nearest)}", flush=True)
    matrix("RP", names, lambda a, b: ((features[a] * features[b]).sum(1) > 0.6).float().mean().item())
    matrix("MAE score", names, lambda a, b: (
        (images[a].float() - images[b].float()).abs().mean((1, 2, 3)) < 15).float().mean().item())

    shown = torch.stack([images[name][:16] for name in names])
    framed = torch.nn.functional.pad(shown, (1, 1, 1, 1)).permute(0, 3, 1, 4, 2).reshape(len(names) * 18, 16 * 18, 3)
    Image.fromarray(framed.numpy()).resize((16 * 18 * 4, len(names) * 18 * 4), Image.NEAREST).save(args.grid)


if __name__ == "__main__":
    main()
