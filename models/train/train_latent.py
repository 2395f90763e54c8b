"""Trains networks that make images without diffusion: python3 train_latent.py NAME DATA_FOLDER OUT_FOLDER [--steps N] [--minutes M].

NAME is gan-1, gan-2, vae-1 or vae-2: two of each kind, from different seeds, as figure 3 of the paper compares them. A GAN is
trained with the hinge loss and a critic under spectral normalization, a VAE with the evidence lower bound, whose pixels have
a standard deviation of DEVIATION. The average of the generator's weights is what is kept."""

import argparse
import copy
import math
import os
import time

import torch
from torch import nn
from torch.nn import functional as F

import data
from latent import LATENT, Critic, Encoder, Generator

NAMES = {"gan-1": 11, "gan-2": 12, "vae-1": 13, "vae-2": 14}
COUNT, BATCH, EMA, DEVIATION = 20_000, 64, 0.995, 0.12
STEPS = {"gan": 6000, "vae": 4000}
RATES = {"gan": (4e-4, 8e-4), "vae": (2e-3, 2e-3)}


def gan_losses(generator, critic, real):
    """(loss of the generator, loss of the critic), each a function: the critic moves first."""
    def of_critic():
        with torch.no_grad():
            fake = generator.of(torch.randn(len(real), LATENT))
        return F.relu(1 - critic(real)).mean() + F.relu(1 + critic(fake)).mean()
    return lambda: -critic(generator.of(torch.randn(len(real), LATENT))).mean(), of_critic


def vae_loss(generator, encoder, real):
    mean, log_variance = encoder(real)
    z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    error = ((generator.of(z) - real) ** 2).sum((1, 2, 3)) / (2 * DEVIATION ** 2)
    divergence = 0.5 * (mean ** 2 + log_variance.exp() - 1 - log_variance).sum(1)
    return (error + divergence).mean() / LATENT


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end sooner, the cosine following the clock")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(NAMES[args.name])
    kind = args.name[:3]
    steps = args.steps or STEPS[kind]
    images = data.to_range(data.load(args.data, 0, COUNT)[0])
    generator, other = Generator(), Critic() if kind == "gan" else Encoder()
    average = copy.deepcopy(generator)
    betas = (0.0, 0.99) if kind == "gan" else (0.9, 0.99)
    optimizers = [torch.optim.Adam(n.parameters(), betas=betas) for n in (generator, other)]
    clock = time.time()
    for step in range(steps):
        progress = max(step / steps, (time.time() - clock) / (60 * args.minutes))
        for optimizer, peak in zip(optimizers, RATES[kind]):
            optimizer.param_groups[0]["lr"] = peak * min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        real = images[torch.randint(0, len(images), (BATCH,))]
        if kind == "gan":
            of_generator, of_critic = gan_losses(generator, other, real)
            losses = [of_critic(), None]
            optimizers[1].zero_grad()
            losses[0].backward()
            optimizers[1].step()
            losses[1] = of_generator()
            optimizers[0].zero_grad()
            losses[1].backward()
            optimizers[0].step()
        else:
            losses = [vae_loss(generator, other, real)]
            for optimizer in optimizers:
                optimizer.zero_grad()
            losses[0].backward()
            nn.utils.clip_grad_norm_([*generator.parameters(), *other.parameters()], 10.0)
            for optimizer in optimizers:
                optimizer.step()
        decay = min(EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(average.state_dict().values(), generator.state_dict().values()):
                if a.dtype.is_floating_point:
                    a.mul_(decay).add_(b, alpha=1 - decay)
        done = step + 1
        last = done == steps or progress >= 1
        if done % 100 == 0 or last:
            print(args.name, "step", done, *(f"{x.item():.4f}" for x in losses), f"{done / (time.time() - clock):.2f} steps/s", flush=True)
        if done % 500 == 0 or last:
            training = dict(dataset="synthetic-shapes", seed=20240607, first=0, count=COUNT, steps=done, batch=BATCH,
                            lr=RATES[kind][0], ema=EMA, torchSeed=NAMES[args.name])
            torch.save(dict(average=average.state_dict(), training=training), os.path.join(args.out, args.name + ".pt"))
        if last:
            break


if __name__ == "__main__":
    main()
