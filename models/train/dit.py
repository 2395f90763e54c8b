"""DiT in small: square patches, transformer blocks whose norms are modulated by time and class (adaLN-zero)."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from embedding import sinusoid
from gelu import gelu_tanh


def grid_positions(side, width):
    """Fixed sine-cosine features of a side x side grid: (1, side*side, width), half for rows, half for columns."""
    omega = 1.0 / 10000 ** (np.arange(width // 4) / (width // 4))
    angles = np.arange(side)[:, None] * omega[None, :]
    line = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    rows = np.repeat(line, side, axis=0)
    columns = np.tile(line, (side, 1))
    return torch.tensor(np.concatenate([rows, columns], axis=1)[None], dtype=torch.float32)


def modulate(x, shift, scale):
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def attention(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5).softmax(dim=-1)
        return self.projection((weights @ v).transpose(1, 2).reshape(b, n, c))

    def forward(self, x, condition):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(F.silu(condition)).chunk(6, dim=1)
        x = x + gate1.unsqueeze(1) * self.attention(modulate(self.norm1(x), shift1, scale1))
        h = self.fc2(gelu_tanh(self.fc1(modulate(self.norm2(x), shift2, scale2)), self.training))
        return x + gate2.unsqueeze(1) * h


class DiT(nn.Module):
    """forward(x (B, 3, 16, 16), t (B,) in 0..999, y (B,) int64; the last class is null) -> x_0 (B, 3, 16, 16)."""

    def __init__(self, classes, size=16, patch=4, width=112, depth=4, heads=4):
        super().__init__()
        self.patch, self.width, self.side = patch, width, size // patch
        self.embed = nn.Conv2d(3, width, patch, stride=patch)
        self.register_buffer("positions", grid_positions(self.side, width))
        self.time1 = nn.Linear(width, width)
        self.time2 = nn.Linear(width, width)
        self.label = nn.Embedding(classes + 1, width)
        nn.init.normal_(self.label.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.modulation = nn.Linear(width, 2 * width)
        self.last = nn.Linear(width, patch * patch * 3)
        for layer in (self.modulation, self.last):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x, t, y):
        tokens = self.embed(x).flatten(2).transpose(1, 2) + self.positions
        condition = self.time2(F.silu(self.time1(sinusoid(t, self.width)))) + self.label(y)
        for block in self.blocks:
            tokens = block(tokens, condition)
        shift, scale = self.modulation(F.silu(condition)).chunk(2, dim=1)
        tokens = self.last(modulate(self.norm(tokens), shift, scale))
        p, s = self.patch, self.side
        pixels = tokens.reshape(x.shape[0], s, s, p, p, 3)
        return torch.einsum("nhwpqc->nchpwq", pixels).reshape(x.shape[0], 3, s * p, s * p)
