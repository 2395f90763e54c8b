"""Trains the descriptor: python3 train_descriptor.py DATA_FOLDER OUT_FOLDER [--steps N] [--minutes M].

The objective is that of "A Self-Supervised Descriptor for Image Copy Detection": InfoNCE between two copies of each
image of a batch, and the differential entropy (Kozachenko-Leonenko) term that pushes each descriptor away from its
nearest neighbour among other images."""

import argparse
import math
import os
import time

import torch
from torch import nn

import data
from augment import copies
from descriptor import Descriptor, preprocess
from train import norms_in_float32

FIRST, COUNT = 1_000_000, 60_000
STEPS, BATCH, PEAK, SEED = 1500, 96, 2e-3, 6
TEMPERATURE, ENTROPY = 0.05, 20.0


def objective(a, b):
    both = torch.cat([a, b])
    count = len(a)
    cosines = both @ both.t()
    cosines = cosines.masked_fill(torch.eye(2 * count, dtype=torch.bool), -2.0)
    partner = (torch.arange(2 * count) + count) % (2 * count)
    contrast = nn.functional.cross_entropy(cosines / TEMPERATURE, partner)
    others = cosines.masked_fill(nn.functional.one_hot(partner, 2 * count).bool(), -2.0)
    nearest = (2 - 2 * others.max(dim=1).values).clamp(min=1e-6).sqrt()
    return contrast, -nearest.log().mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end sooner, the cosine following the clock")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    images, _ = data.load(args.data, 0, COUNT)
    network = Descriptor()
    path = os.path.join(args.out, "descriptor.pt")
    start = 0
    if os.path.exists(path):
        state = torch.load(path)
        network.load_state_dict(state["network"])
        start = state["training"]["steps"]
    norms_in_float32(network)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-4)
    clock = time.time()
    for step in range(start, args.steps):
        progress = max((step - start) / (args.steps - start), (time.time() - clock) / (60 * args.minutes))
        clean = images[torch.randint(0, len(images), (BATCH,))].float() / 255
        views = torch.cat([copies(clean), copies(clean)]) * 255
        with torch.autocast("cpu", torch.bfloat16):
            descriptors = network(preprocess(views))
        contrast, entropy = objective(*descriptors.float().chunk(2))
        (contrast + ENTROPY * entropy).backward()
        for group in optimizer.param_groups:
            warm = min(1.0, (step - start + 1) / 50)
            group["lr"] = PEAK * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        done = step + 1
        if done % 50 == 0:
            print(f"descriptor step {done} contrast {contrast.item():.4f} entropy {entropy.item():.4f} "
                  f"{(done - start) / (time.time() - clock):.2f} steps/s", flush=True)
        last = done == args.steps or progress >= 1
        if done % 250 == 0 or last:
            training = dict(dataset="synthetic-shapes", seed=20240607, first=FIRST, count=COUNT, steps=done,
                            batch=BATCH, lr=PEAK, temperature=TEMPERATURE, entropyWeight=ENTROPY, torchSeed=SEED)
            torch.save(dict(network=network.state_dict(), training=training), path)
        if last:
            break


if __name__ == "__main__":
    main()
