"""U-ViT in small: time is a token among the patches, and the first half of the blocks is joined to the second by long
skip connections (concatenation and a linear layer). The tokens estimate x_0; what comes out is the epsilon it implies."""

import torch
from torch import nn
from torch.nn import functional as F

from embedding import sinusoid


class Block(nn.Module):
    def __init__(self, width, heads, skip=False):
        super().__init__()
        self.heads = heads
        self.skip = nn.Linear(2 * width, width) if skip else None
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.projection = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def attention(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5).softmax(dim=-1)
        return self.projection((weights @ v).transpose(1, 2).reshape(b, n, c))

    def forward(self, x, skip=None):
        if self.skip is not None:
            x = self.skip(torch.cat([x, skip], dim=-1))
        x = x + self.attention(self.norm1(x))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class UViT(nn.Module):
    """forward(x (B, 3, 16, 16), t (B,) in [0, 1]) -> epsilon (B, 3, 16, 16)."""

    def __init__(self, size=16, patch=4, width=96, depth=7, heads=3):
        super().__init__()
        self.patch, self.width, self.side = patch, width, size // patch
        self.embed = nn.Conv2d(3, width, patch, stride=patch)
        self.positions = nn.Parameter(torch.zeros(1, 1 + self.side * self.side, width))
        nn.init.trunc_normal_(self.positions, std=0.02)
        self.time = nn.Sequential(nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, width))
        self.inward = nn.ModuleList(Block(width, heads) for _ in range(depth // 2))
        self.middle = Block(width, heads)
        self.outward = nn.ModuleList(Block(width, heads, skip=True) for _ in range(depth // 2))
        self.norm = nn.LayerNorm(width)
        self.predict = nn.Linear(width, patch * patch * 3)
        self.last = nn.Conv2d(3, 3, 3, padding=1)

    def estimate(self, x, t):
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        time = self.time(sinusoid(t * 1000.0, self.width)).unsqueeze(1)
        tokens = torch.cat([time, tokens], dim=1) + self.positions
        skips = []
        for block in self.inward:
            tokens = block(tokens)
            skips.append(tokens)
        tokens = self.middle(tokens)
        for block in self.outward:
            tokens = block(tokens, skips.pop())
        tokens = self.predict(self.norm(tokens))[:, 1:, :]
        p, s = self.patch, self.side
        pixels = tokens.reshape(x.shape[0], s, s, p, p, 3).permute(0, 5, 1, 3, 2, 4)
        return self.last(pixels.reshape(x.shape[0], 3, s * p, s * p))

    def forward(self, x, t):
        # The variance-preserving schedule: x = s x_0 + deviation epsilon, s = exp(-integral / 2).
        integral = (9.95 * t * t + 0.1 * t)[:, None, None, None]
        deviation = torch.sqrt(1 - torch.exp(-integral))
        return (x - torch.exp(-0.5 * integral) * self.estimate(x, t)) / deviation
