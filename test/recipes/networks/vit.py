"""Two diffusion transformers: DiT (Peebles & Xie 2023; adaLN-Zero, tanh GELU) and U-ViT (Bao et al. 2023; everything a
token, long skip connections, erf GELU)."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def frequencies(t, width, top=10000):
    half = width // 2
    freqs = torch.exp(-math.log(top) * torch.arange(0, half, dtype=torch.float32) / half).to(t.device)
    args = t[:, None].float() * freqs[None]
    return torch.cat([torch.cos(args), torch.sin(args)], dim=-1)


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.qkv, self.proj = nn.Linear(dim, dim * 3), nn.Linear(dim, dim)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attn = ((q @ k.transpose(-2, -1)) * self.scale).softmax(dim=-1)
        return self.proj((attn @ v).transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    def __init__(self, dim, hidden, act):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(dim, hidden), act, nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


def modulate(x, shift, scale):
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class DitBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(dim, elementwise_affine=False, eps=1e-6) for _ in range(2))
        self.attn, self.mlp = Attention(dim, heads), Mlp(dim, 4 * dim, nn.GELU(approximate="tanh"))
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(dim, 6 * dim))

    def forward(self, x, c):
        shift_msa, scale_msa, gate_msa, shift_mlp, scale_mlp, gate_mlp = self.adaLN_modulation(c).chunk(6, dim=1)
        x = x + gate_msa.unsqueeze(1) * self.attn(modulate(self.norm1(x), shift_msa, scale_msa))
        return x + gate_mlp.unsqueeze(1) * self.mlp(modulate(self.norm2(x), shift_mlp, scale_mlp))


class Dit(nn.Module):
    def __init__(self, size=8, patch=2, channels=4, dim=24, depth=2, heads=3, classes=5):
        super().__init__()
        self.patch, self.out = patch, channels * 2
        self.x_embedder = nn.Conv2d(channels, dim, patch, patch)
        self.t_embedder = nn.Sequential(nn.Linear(32, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.y_embedder = nn.Embedding(classes + 1, dim)
        self.pos_embed = nn.Parameter(torch.randn(1, (size // patch) ** 2, dim) * 0.5, requires_grad=False)
        self.blocks = nn.ModuleList([DitBlock(dim, heads) for _ in range(depth)])
        self.norm_final = nn.LayerNorm(dim, elementwise_affine=False, eps=1e-6)
        self.ada_final, self.linear = nn.Sequential(nn.SiLU(), nn.Linear(dim, 2 * dim)), nn.Linear(dim, patch * patch * self.out)

    def unpatchify(self, x):
        p, h = self.patch, int(x.shape[1] ** 0.5)
        x = x.reshape(shape=(x.shape[0], h, h, p, p, self.out))
        x = torch.einsum("nhwpqc->nchpwq", x)
        return x.reshape(shape=(x.shape[0], self.out, h * p, h * p))

    def forward(self, x, t, y):
        x = self.x_embedder(x).flatten(2).transpose(1, 2) + self.pos_embed
        c = self.t_embedder(frequencies(t, 32)) + self.y_embedder(y)
        for block in self.blocks:
            x = block(x, c)
        shift, scale = self.ada_final(c).chunk(2, dim=1)
        return self.unpatchify(self.linear(modulate(self.norm_final(x), shift, scale)))


class UvitBlock(nn.Module):
    def __init__(self, dim, heads, skip):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn, self.mlp = Attention(dim, heads), Mlp(dim, 3 * dim, nn.GELU())
        self.skip_linear = nn.Linear(2 * dim, dim) if skip else None

    def forward(self, x, skip=None):
        if self.skip_linear is not None:
            x = self.skip_linear(torch.cat([x, skip], dim=-1))
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Uvit(nn.Module):
    def __init__(self, size=8, patch=2, channels=3, dim=32, heads=4, depth=2, classes=5):
        super().__init__()
        self.patch, self.channels, self.dim = patch, channels, dim
        self.patch_embed = nn.Conv2d(channels, dim, patch, patch)
        self.time_embed = nn.Sequential(nn.Linear(dim, 2 * dim), nn.SiLU(), nn.Linear(2 * dim, dim))
        self.label_emb = nn.Embedding(classes, dim)
        self.pos_embed = nn.Parameter(torch.randn(1, 2 + (size // patch) ** 2, dim) * 0.5)
        self.in_blocks = nn.ModuleList([UvitBlock(dim, heads, False) for _ in range(depth // 2)])
        self.mid_block = UvitBlock(dim, heads, False)
        self.out_blocks = nn.ModuleList([UvitBlock(dim, heads, True) for _ in range(depth // 2)])
        self.norm = nn.LayerNorm(dim)
        self.decoder_pred, self.final_layer = nn.Linear(dim, patch * patch * channels), nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, timesteps, y):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        b, length, _ = x.shape
        time_token = self.time_embed(frequencies(timesteps, self.dim)).unsqueeze(dim=1)
        x = torch.cat((self.label_emb(y).unsqueeze(dim=1), time_token, x), dim=1) + self.pos_embed
        skips = []
        for blk in self.in_blocks:
            x = blk(x)
            skips.append(x)
        x = self.mid_block(x)
        for blk in self.out_blocks:
            x = blk(x, skips.pop())
        x = self.decoder_pred(self.norm(x))[:, 2:, :]
        h, p = int(length ** 0.5), self.patch
        x = x.reshape(b, h, h, p, p, self.channels).permute(0, 5, 1, 3, 2, 4).reshape(b, self.channels, h * p, h * p)
        return self.final_layer(x)
