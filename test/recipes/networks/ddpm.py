"""A DDPM U-Net (Ho et al. 2020): GroupNorm and swish, self-attention at one resolution, strided convolutions down with
asymmetric padding, nearest-neighbour upsampling, sinusoidal embedding of integer times."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def timestep_embedding(t, width):
    half = width // 2
    rates = torch.exp(torch.arange(half, dtype=torch.float32, device=t.device) * -(math.log(10000.0) / (half - 1)))
    angles = t.float()[:, None] * rates[None, :]
    emb = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
    return F.pad(emb, (0, 1, 0, 0)) if width % 2 else emb


def swish(x):
    return x * torch.sigmoid(x)


def norm(channels):
    return nn.GroupNorm(4, channels, eps=1e-6)


class ResnetBlock(nn.Module):
    def __init__(self, inner, outer, width, dropout=0.1):
        super().__init__()
        self.norm1, self.conv1 = norm(inner), nn.Conv2d(inner, outer, 3, 1, 1)
        self.temb_proj = nn.Linear(width, outer)
        self.norm2, self.dropout, self.conv2 = norm(outer), nn.Dropout(dropout), nn.Conv2d(outer, outer, 3, 1, 1)
        self.shortcut = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()

    def forward(self, x, temb):
        h = self.conv1(swish(self.norm1(x)))
        h = h + self.temb_proj(swish(temb))[:, :, None, None]
        h = self.conv2(self.dropout(swish(self.norm2(h))))
        return self.shortcut(x) + h


class AttnBlock(nn.Module):
    """One head over all pixels, by batched matrix products."""

    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        y = self.norm(x)
        q, k, v = self.q(y), self.k(y), self.v(y)
        b, c, h, w = q.shape
        q = q.reshape(b, c, h * w).permute(0, 2, 1)
        k = k.reshape(b, c, h * w)
        weights = F.softmax(torch.bmm(q, k) * (int(c) ** -0.5), dim=2)
        v = v.reshape(b, c, h * w)
        y = torch.bmm(v, weights.permute(0, 2, 1)).reshape(b, c, h, w)
        return x + self.proj_out(y)


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=0)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1), mode="constant", value=0))


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Ddpm(nn.Module):
    def __init__(self, ch=8, mult=(1, 2), blocks=1, attention=(1,)):
        super().__init__()
        self.ch, temb = ch, ch * 4
        self.dense0, self.dense1 = nn.Linear(ch, temb), nn.Linear(temb, temb)
        self.conv_in = nn.Conv2d(3, ch, 3, 1, 1)
        self.down, self.up, skips, c = nn.ModuleList(), nn.ModuleList(), [ch], ch
        for level, m in enumerate(mult):
            for _ in range(blocks):
                self.down.append(nn.ModuleList([ResnetBlock(c, ch * m, temb), AttnBlock(ch * m) if level in attention else nn.Identity()]))
                c = ch * m
                skips.append(c)
            if level < len(mult) - 1:
                self.down.append(nn.ModuleList([Downsample(c)]))
                skips.append(c)
        self.mid = nn.ModuleList([ResnetBlock(c, c, temb), AttnBlock(c), ResnetBlock(c, c, temb)])
        for level in reversed(range(len(mult))):
            for _ in range(blocks + 1):
                self.up.append(nn.ModuleList([ResnetBlock(c + skips.pop(), ch * mult[level], temb),
                                              AttnBlock(ch * mult[level]) if level in attention else nn.Identity()]))
                c = ch * mult[level]
            if level > 0:
                self.up.append(nn.ModuleList([Upsample(c)]))
        self.norm_out, self.conv_out = norm(c), nn.Conv2d(c, 3, 3, 1, 1)

    def forward(self, x, t):
        temb = self.dense1(swish(self.dense0(timestep_embedding(t, self.ch))))
        hs = [self.conv_in(x)]
        for stage in self.down:
            hs.append(stage[0](hs[-1]) if len(stage) == 1 else stage[1](stage[0](hs[-1], temb)))
        h = self.mid[2](self.mid[1](self.mid[0](hs[-1], temb)), temb)
        for stage in self.up:
            h = stage[0](h) if len(stage) == 1 else stage[1](stage[0](torch.cat([h, hs.pop()], dim=1), temb))
        return self.conv_out(swish(self.norm_out(h)))
