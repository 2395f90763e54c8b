"""What a network is trained to predict, and the denoiser D(x, sigma) = E[x_0 | x_0 + sigma eps = x] it becomes."""

import torch

SIGMA_DATA = 0.5


def loss(network, parameterization, schedule, images, labels, focused=False):
    """Mean squared error of the prediction; labels is None for a network without classes.

    The transformers estimate x_0, as patches of clean images are easier to say than patches of noise; their error is
    weighted by 1/deviation^2, at most 10."""
    extra = () if labels is None else (labels,)
    noise = torch.randn_like(images)
    if parameterization == "edm":
        sigma = schedule.draw(len(images))[:, None, None, None]
        total = (sigma ** 2 + SIGMA_DATA ** 2).sqrt()
        noisy = images + sigma * noise
        # With weight 1/c_out^2 the loss on D is the plain error of F against (x_0 - c_skip x) / c_out.
        target = (images - SIGMA_DATA ** 2 / total ** 2 * noisy) / (sigma * SIGMA_DATA / total)
        return (network(noisy / total, sigma.flatten().log() / 4, *extra).float() - target).square().mean()
    estimates = parameterization == "x0" or hasattr(network, "estimate")
    time, s, deviation = schedule.draw_focused(len(images)) if focused or estimates else schedule.draw(len(images))
    s, deviation = s[:, None, None, None], deviation[:, None, None, None]
    noisy = s * images + deviation * noise
    if estimates:
        guess = getattr(network, "estimate", network)(noisy, time, *extra)
        return ((guess.float() - images).square() * (deviation ** -2).clamp(max=10)).mean()
    target = noise if parameterization == "epsilon" else s * noise - deviation * images
    return (network(noisy, time, *extra).float() - target).square().mean()


def denoiser(network, parameterization, schedule, labels=None):
    """D(x, sigma) for x = x_0 + sigma eps in float64 (B, 3, 16, 16) and a number sigma."""
    extra = () if labels is None else (labels,)

    def denoise(x, sigma):
        if parameterization == "edm":
            total = (sigma ** 2 + SIGMA_DATA ** 2) ** 0.5
            c_noise = torch.full((len(x),), sigma).log() / 4
            f = network((x / total).float(), c_noise, *extra).double()
            return SIGMA_DATA ** 2 / total ** 2 * x + sigma * SIGMA_DATA / total * f
        s = (1 + sigma ** 2) ** -0.5
        time = torch.full((len(x),), schedule.time(sigma))
        out = network((s * x).float(), time, *extra).double()
        if parameterization == "x0":
            return out
        return x - sigma * out if parameterization == "epsilon" else s * (s * x - s * sigma * out)

    return denoise
