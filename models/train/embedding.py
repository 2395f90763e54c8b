"""Sinusoidal features of a scalar, as in "Denoising Diffusion Probabilistic Models" (appendix B)."""

import math

import torch


def sinusoid(values, width, longest=10000.0):
    """Maps (B,) to (B, width): cosines, then sines, of geometrically spaced frequencies from 1 to 1/longest."""
    half = width // 2
    frequencies = torch.exp(-math.log(longest) * torch.arange(half, dtype=torch.float32) / half)
    angles = values[:, None] * frequencies[None, :]
    return torch.cat([torch.cos(angles), torch.sin(angles)], dim=1)
