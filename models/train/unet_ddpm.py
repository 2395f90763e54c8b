"""The U-Net of DDPM in small: residual blocks with an added time embedding, single-head attention at one resolution,
strided convolutions down, nearest neighbour and a convolution up."""

import torch
from torch import nn
from torch.nn import functional as F

from embedding import sinusoid

GROUPS = 8


class ResBlock(nn.Module):
    def __init__(self, inner, outer, time):
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, inner)
        self.conv1 = nn.Conv2d(inner, outer, 3, padding=1)
        self.time = nn.Linear(time, outer)
        self.norm2 = nn.GroupNorm(GROUPS, outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, padding=1)
        self.skip = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, time):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time(F.silu(time))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return self.skip(x) + h


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        b, c, height, width = x.shape
        h = self.norm(x)
        q = self.q(h).reshape(b, c, height * width).transpose(1, 2)
        k = self.k(h).reshape(b, c, height * width)
        v = self.v(h).reshape(b, c, height * width).transpose(1, 2)
        weights = torch.softmax(torch.bmm(q, k) * c ** -0.5, dim=-1)
        h = torch.bmm(weights, v).transpose(1, 2).reshape(b, c, height, width)
        return x + self.out(h)


class Down(nn.Module):
    def __init__(self, inner, outer):
        super().__init__()
        self.conv = nn.Conv2d(inner, outer, 3, stride=2, padding=1)

    def forward(self, x):
        return self.conv(x)


class Up(nn.Module):
    def __init__(self, inner, outer):
        super().__init__()
        self.conv = nn.Conv2d(inner, outer, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class UNetDdpm(nn.Module):
    """forward(x (B, 3, 16, 16), t (B,) in 0..999) -> epsilon (B, 3, 16, 16)."""

    def __init__(self, widths=(24, 48, 72), blocks=1, attention_level=1):
        super().__init__()
        self.features = 32
        time = 4 * self.features
        self.time1 = nn.Linear(self.features, time)
        self.time2 = nn.Linear(time, time)
        self.first = nn.Conv2d(3, widths[0], 3, padding=1)

        skips = []
        self.down = nn.ModuleList()
        for level, width in enumerate(widths):
            if level > 0:
                self.down.append(Down(widths[level - 1], width))
            for _ in range(blocks):
                self.down.append(self._stage(width, width, time, level == attention_level))
                skips.append(width)

        self.middle1 = ResBlock(width, width, time)
        self.middle_attention = Attention(width)
        self.middle2 = ResBlock(width, width, time)

        self.up = nn.ModuleList()
        for level in reversed(range(len(widths))):
            width = widths[level]
            for _ in range(blocks):
                self.up.append(self._stage(width + skips.pop(), width, time, level == attention_level))
            if level > 0:
                self.up.append(Up(width, widths[level - 1]))

        self.norm = nn.GroupNorm(GROUPS, width)
        self.last = nn.Conv2d(width, 3, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    @staticmethod
    def _stage(inner, outer, time, attend):
        parts = [ResBlock(inner, outer, time)]
        if attend:
            parts.append(Attention(outer))
        return nn.ModuleList(parts)

    @staticmethod
    def _run(stage, x, time):
        x = stage[0](x, time)
        return stage[1](x) if len(stage) > 1 else x

    def forward(self, x, t):
        time = self.time2(F.silu(self.time1(sinusoid(t, self.features))))
        x = self.first(x)
        skips = []
        for part in self.down:
            if isinstance(part, Down):
                x = part(x)
            else:
                x = self._run(part, x, time)
                skips.append(x)
        x = self.middle1(x, time)
        x = self.middle_attention(x)
        x = self.middle2(x, time)
        for part in self.up:
            if isinstance(part, Up):
                x = part(x)
            else:
                x = self._run(part, torch.cat([x, skips.pop()], dim=1), time)
        return self.last(F.silu(self.norm(x)))
