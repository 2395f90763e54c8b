"""Noise schedules, each a map from its own time to s and sigma of x_t = s x_0 + s sigma eps, and back."""

import math

import numpy as np
import torch


def levels(count, low, high):
    """Noise levels for training, where images take shape: seven in ten log-normal, the rest log-uniform."""
    sigma = torch.exp(1.3 * torch.randn(count, dtype=torch.float64) - 0.5)
    spread = low * (high / low) ** torch.rand(count, dtype=torch.float64)
    return torch.where(torch.rand(count) < 0.7, sigma, spread).clamp(low, high)


def scales(sigma):
    """s and s sigma of a variance-preserving process."""
    s = (1 + sigma ** 2) ** -0.5
    return s.float(), (s * sigma).float()


class VpDiscrete:
    """1000 linear betas from 1e-4 to 0.02; time is the index 0..999, interpolated between indices in log sigma."""

    metadata = {"kind": "vp-discrete", "betas": "linear", "betaMin": 1e-4, "betaMax": 0.02, "steps": 1000}

    def __init__(self):
        self.alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
        self.log_sigma = 0.5 * torch.log((1 - self.alpha_bar) / self.alpha_bar)
        self.sigma_min, self.sigma_max = self.log_sigma[0].exp().item(), self.log_sigma[-1].exp().item()

    def draw(self, count):
        """Random times for training and their s and s*sigma."""
        index = torch.randint(0, 1000, (count,))
        alpha_bar = self.alpha_bar[index]
        return index.float(), alpha_bar.sqrt().float(), (1 - alpha_bar).sqrt().float()

    def draw_focused(self, count):
        """As draw, by noise level instead of by time."""
        sigma = levels(count, self.sigma_min, self.sigma_max)
        index = np.interp(sigma.log().numpy(), self.log_sigma.numpy(), np.arange(1000))
        return (torch.from_numpy(index).float(), *scales(sigma))

    def time(self, sigma):
        wanted = math.log(sigma)
        above = int(torch.searchsorted(self.log_sigma, torch.tensor(wanted, dtype=torch.float64)))
        above = min(max(above, 1), 999)
        low, high = self.log_sigma[above - 1].item(), self.log_sigma[above].item()
        return above - 1 + (wanted - low) / (high - low)


class Vp:
    """Continuous time in [1e-3, 1]: beta(t) = 0.1 + 19.9 t."""

    metadata = {"kind": "vp", "betaMin": 0.1, "betaMax": 20.0, "tMin": 1e-3, "tMax": 1.0}
    sigma_min, sigma_max = None, None

    def __init__(self):
        self.sigma_min, self.sigma_max = self.sigma(1e-3), self.sigma(1.0)

    @staticmethod
    def sigma(t):
        integral = 0.5 * 19.9 * t * t + 0.1 * t
        return math.sqrt(math.expm1(integral))

    def draw(self, count):
        t = 1e-3 + (1 - 1e-3) * torch.rand(count, dtype=torch.float64)
        integral = 0.5 * 19.9 * t * t + 0.1 * t
        return t.float(), torch.exp(-0.5 * integral).float(), torch.sqrt(-torch.expm1(-integral)).float()

    def draw_focused(self, count):
        """As draw, by noise level instead of by time."""
        sigma = levels(count, self.sigma_min, self.sigma_max)
        integral = torch.log1p(sigma ** 2)
        return (((0.01 + 2 * 19.9 * integral).sqrt() - 0.1) / 19.9).float(), *scales(sigma)

    def time(self, sigma):
        integral = math.log1p(sigma * sigma)
        return (math.sqrt(0.01 + 2 * 19.9 * integral) - 0.1) / 19.9


class Edm:
    """s = 1; training noise levels are log-normal, sampling runs from 80 to 0.002."""

    metadata = {"kind": "edm", "sigmaMin": 0.002, "sigmaMax": 80.0, "rho": 7.0, "sigmaData": 0.5}
    sigma_min, sigma_max = 0.002, 80.0

    @staticmethod
    def draw(count):
        return torch.exp(1.2 * torch.randn(count) - 1.2)
