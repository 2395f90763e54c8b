"""Networks that make an image of a latent at once, without diffusion: the generator of a GAN, the decoder of a VAE.

Their latent is the beginning of the noise that the diffusion models start from, so that "the same noise" means the same for all."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm
from torch.nn.utils.fusion import fuse_conv_bn_eval

LATENT = 64
WIDTHS = (64, 48, 32)
SMALL = 256  # numbers in an array that stays float32


class Generator(nn.Module):
    """forward(latent (B, 3, 16, 16)) -> image (B, 3, 16, 16) in [-1, 1]; the first LATENT of the 768 numbers count."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(LATENT, WIDTHS[0] * 16)
        self.norms = nn.ModuleList([nn.BatchNorm2d(width) for width in WIDTHS])
        self.convs = nn.ModuleList([nn.Conv2d(inner, outer, 3, padding=1) for inner, outer in zip(WIDTHS, WIDTHS[1:])])
        self.last = nn.Conv2d(WIDTHS[-1], 3, 3, padding=1)

    def of(self, z):
        """z (B, LATENT)"""
        x = F.relu(self.norms[0](self.first(z).reshape(-1, WIDTHS[0], 4, 4)))
        for conv, norm in zip(self.convs, self.norms[1:]):
            x = F.relu(norm(conv(F.interpolate(x, scale_factor=2, mode="nearest"))))
        return torch.tanh(self.last(x))

    def rounded(self):
        """Norms folded into the convolutions before them, and every large array as near as float16 comes to it: what is exported."""
        self.eval()
        self.convs = nn.ModuleList([fuse_conv_bn_eval(conv, norm) for conv, norm in zip(self.convs, self.norms[1:])])
        self.norms = nn.ModuleList([self.norms[0], *(nn.Identity() for _ in self.convs)])
        with torch.no_grad():
            for p in self.parameters():
                if p.numel() > SMALL:
                    p.copy_(p.half().float())
        return self

    def forward(self, latent):
        return self.of(latent.flatten(1)[:, :LATENT])


class Critic(nn.Module):
    """Image to a number: how real it looks. Spectral normalization of every layer (Miyato et al., 2018)."""

    def __init__(self, widths=(32, 64, 96)):
        super().__init__()
        layers, inner = [], 3
        for width in widths:
            layers += [spectral_norm(nn.Conv2d(inner, width, 4, stride=2, padding=1)), nn.LeakyReLU(0.1)]
            inner = width
        self.body = nn.Sequential(*layers)
        self.head = spectral_norm(nn.Linear(inner * 4, 1))

    def forward(self, image):
        return self.head(self.body(image).flatten(1))


class Encoder(nn.Module):
    """Image to the mean and the logarithm of the variance of its latent, each (B, LATENT)."""

    def __init__(self, widths=(32, 64, 96)):
        super().__init__()
        layers, inner = [], 3
        for width in widths:
            layers += [nn.Conv2d(inner, width, 4, stride=2, padding=1), nn.BatchNorm2d(width), nn.LeakyReLU(0.1)]
            inner = width
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(inner * 4, 2 * LATENT)

    def forward(self, image):
        return self.head(self.body(image).flatten(1)).chunk(2, dim=1)
