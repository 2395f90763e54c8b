"""The DDPM++-like U-Net that EDM trains, in small: residual blocks that change resolution themselves, scale-and-shift
conditioning of the second norm, multi-head attention, skips scaled by 1/sqrt(2), classes added to the noise embedding.

Exported is the raw network F(c_in x, c_noise, label); the preconditioning is described in the metadata."""

import torch
from torch import nn
from torch.nn import functional as F

from embedding import sinusoid

GROUPS = 8
HALF = 0.5 ** 0.5


class Block(nn.Module):
    def __init__(self, inner, outer, embedding, resample="none", heads=0):
        super().__init__()
        self.resample = resample
        self.heads = heads
        self.norm0 = nn.GroupNorm(GROUPS, inner, eps=1e-6)
        self.conv0 = nn.Conv2d(inner, outer, 3, padding=1)
        self.affine = nn.Linear(embedding, 2 * outer)
        self.norm1 = nn.GroupNorm(GROUPS, outer, eps=1e-6)
        self.conv1 = nn.Conv2d(outer, outer, 3, padding=1)
        self.skip = nn.Conv2d(inner, outer, 1) if inner != outer else None
        nn.init.normal_(self.conv1.weight, std=1e-4)
        nn.init.zeros_(self.conv1.bias)
        if heads:
            self.norm2 = nn.GroupNorm(GROUPS, outer, eps=1e-6)
            self.qkv = nn.Conv2d(outer, 3 * outer, 1)
            self.projection = nn.Conv2d(outer, outer, 1)
            nn.init.normal_(self.projection.weight, std=1e-4)
            nn.init.zeros_(self.projection.bias)

    def _resample(self, x):
        if self.resample == "down":
            return F.avg_pool2d(x, 2)
        if self.resample == "up":
            return F.interpolate(x, scale_factor=2.0, mode="nearest")
        return x

    def forward(self, x, embedding):
        h = self.conv0(self._resample(F.silu(self.norm0(x))))
        scale, shift = self.affine(embedding)[:, :, None, None].chunk(2, dim=1)
        h = F.silu(torch.addcmul(shift, self.norm1(h), scale + 1))
        h = self.conv1(h)
        x = self._resample(x)
        x = ((self.skip(x) if self.skip is not None else x) + h) * HALF
        if self.heads:
            b, c, height, width = x.shape
            qkv = self.qkv(self.norm2(x)).reshape(b, self.heads, c // self.heads, 3, height * width)
            q, k, v = qkv.unbind(3)
            weights = torch.einsum("nhcq,nhck->nhqk", q, k * (c // self.heads) ** -0.5).softmax(dim=3)
            h = torch.einsum("nhqk,nhck->nhcq", weights, v)
            x = (x + self.projection(h.reshape(b, c, height, width))) * HALF
        return x


class UNetEdm(nn.Module):
    """forward(x (B, 3, 16, 16) = c_in x_sigma, c_noise (B,), y (B,) int64; the last class is null) -> F (B, 3, 16, 16)."""

    def __init__(self, classes, widths=(24, 48, 72), blocks=1, attention_level=1, heads=3):
        super().__init__()
        self.features = 32
        width = 4 * self.features
        self.map0 = nn.Linear(self.features, width)
        self.map1 = nn.Linear(width, width)
        self.label = nn.Embedding(classes + 1, self.features)
        self.first = nn.Conv2d(3, widths[0], 3, padding=1)

        channels = widths[0]
        skips = []
        self.encoder = nn.ModuleList()
        for level, wide in enumerate(widths):
            for block in range(blocks):
                shrink = "down" if level > 0 and block == 0 else "none"
                self.encoder.append(
                    Block(channels, wide, width, shrink, heads if level == attention_level else 0))
                channels = wide
                skips.append(channels)

        self.middle0 = Block(channels, channels, width, heads=heads)
        self.middle1 = Block(channels, channels, width)

        self.decoder = nn.ModuleList()
        for level in reversed(range(len(widths))):
            for _ in range(blocks):
                inner = channels + skips.pop()
                channels = widths[level]
                self.decoder.append(Block(inner, channels, width, heads=heads if level == attention_level else 0))
            if level > 0:
                self.decoder.append(Block(channels, widths[level - 1], width, "up"))
                channels = widths[level - 1]

        self.norm = nn.GroupNorm(GROUPS, channels, eps=1e-6)
        self.last = nn.Conv2d(channels, 3, 3, padding=1)
        nn.init.normal_(self.last.weight, std=1e-4)
        nn.init.zeros_(self.last.bias)

    def forward(self, x, c_noise, y):
        # c_noise = ln(sigma)/4 lies in -1.6..1.1: stretched, so that the sinusoids tell noise levels apart.
        embedding = sinusoid(c_noise * 250.0, self.features) + self.label(y)
        embedding = F.silu(self.map1(F.silu(self.map0(embedding))))
        x = self.first(x)
        skips = []
        for block in self.encoder:
            x = block(x, embedding)
            skips.append(x)
        x = self.middle1(self.middle0(x, embedding), embedding)
        for block in self.decoder:
            if block.resample == "none":
                x = torch.cat([x, skips.pop()], dim=1)
            x = block(x, embedding)
        return self.last(F.silu(self.norm(x)))
