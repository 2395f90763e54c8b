"""The parts of a latent diffusion model (Rombach et al. 2022): a U-Net with cross-attention to a context, the decoder of
the autoencoder, and a causal text transformer of CLIP's form (Radford et al. 2021; quick GELU)."""
import math

import torch
from torch import einsum, nn
from torch.nn import functional as F

from .ddpm import AttnBlock, ResnetBlock as TimedBlock, norm, swish


class CrossAttention(nn.Module):
    def __init__(self, dim, context, heads, head):
        super().__init__()
        self.scale, self.heads, inner = head ** -0.5, heads, head * heads
        self.to_q, self.to_k, self.to_v = nn.Linear(dim, inner, bias=False), nn.Linear(context, inner, bias=False), nn.Linear(context, inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, dim), nn.Dropout(0.0))

    def split(self, t):
        b, n, c = t.shape
        return t.reshape(b, n, self.heads, c // self.heads).permute(0, 2, 1, 3).reshape(b * self.heads, n, c // self.heads)

    def forward(self, x, context=None):
        context = x if context is None else context
        q, k, v = (self.split(t) for t in (self.to_q(x), self.to_k(context), self.to_v(context)))
        attn = (einsum("b i d, b j d -> b i j", q, k) * self.scale).softmax(dim=-1)
        out = einsum("b i j, b j d -> b i d", attn, v)
        n, d = out.shape[1], out.shape[2]
        return self.to_out(out.reshape(-1, self.heads, n, d).permute(0, 2, 1, 3).reshape(-1, n, self.heads * d))


class Geglu(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.proj = nn.Linear(dim, inner * 2)

    def forward(self, x):
        x, gate = self.proj(x).chunk(2, dim=-1)
        return x * F.gelu(gate)


class SpatialTransformer(nn.Module):
    def __init__(self, channels, context, heads):
        super().__init__()
        self.norm, self.proj_in, self.proj_out = norm(channels), nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 1)
        head = channels // heads
        self.attn1, self.attn2 = CrossAttention(channels, channels, heads, head), CrossAttention(channels, context, heads, head)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(channels) for _ in range(3))
        self.ff = nn.Sequential(Geglu(channels, 2 * channels), nn.Dropout(0.0), nn.Linear(2 * channels, channels))

    def forward(self, x, context):
        b, c, h, w = x.shape
        y = self.proj_in(self.norm(x)).permute(0, 2, 3, 1).reshape(b, h * w, c)
        y = self.attn1(self.norm1(y)) + y
        y = self.attn2(self.norm2(y), context=context) + y
        y = self.ff(self.norm3(y)) + y
        return self.proj_out(y.reshape(b, h, w, c).permute(0, 3, 1, 2)) + x


class CrossUnet(nn.Module):
    def __init__(self, ch=16, context=12, heads=2):
        super().__init__()
        self.ch, emb = ch, ch * 2
        self.time_embed = nn.Sequential(nn.Linear(ch, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.conv_in, self.down = nn.Conv2d(4, ch, 3, padding=1), nn.Conv2d(ch, ch, 3, stride=2, padding=1)
        self.res_in, self.attn_in = TimedBlock(ch, ch, emb), SpatialTransformer(ch, context, heads)
        self.res_mid, self.attn_mid = TimedBlock(ch, ch, emb), SpatialTransformer(ch, context, heads)
        self.res_out = TimedBlock(2 * ch, ch, emb)
        self.up = nn.Conv2d(ch, ch, 3, padding=1)
        self.out = nn.Sequential(norm(ch), nn.SiLU(), nn.Conv2d(ch, 4, 3, padding=1))

    def forward(self, x, timesteps, context):
        half = self.ch // 2
        freqs = torch.exp(-math.log(10000) * torch.arange(start=0, end=half, dtype=torch.float32) / half)
        args = timesteps[:, None].float() * freqs[None]
        emb = self.time_embed(torch.cat([torch.cos(args), torch.sin(args)], dim=-1))
        skip = self.attn_in(self.res_in(self.conv_in(x), emb), context)
        h = self.attn_mid(self.res_mid(self.down(skip), emb), context)
        h = F.interpolate(h, size=skip.shape[-2:], mode="nearest")
        return self.out(self.res_out(torch.cat([self.up(h), skip], dim=1), emb))


class PlainBlock(nn.Module):
    def __init__(self, inner, outer):
        super().__init__()
        self.norm1, self.conv1, self.norm2, self.conv2 = norm(inner), nn.Conv2d(inner, outer, 3, 1, 1), norm(outer), nn.Conv2d(outer, outer, 3, 1, 1)
        self.nin_shortcut = nn.Conv2d(inner, outer, 1) if inner != outer else None

    def forward(self, x):
        h = self.conv2(swish(self.norm2(self.conv1(swish(self.norm1(x))))))
        return (self.nin_shortcut(x) if self.nin_shortcut is not None else x) + h


class VaeDecoder(nn.Module):
    """Latents (B, 4, h, w) to images (B, 3, 4h, 4w) in [-1, 1]; h and w are dynamic too."""

    def __init__(self, ch=12, scale=0.18215):
        super().__init__()
        self.scale = scale
        self.post_quant_conv, self.conv_in = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 2 * ch, 3, 1, 1)
        self.mid = nn.Sequential(PlainBlock(2 * ch, 2 * ch), AttnBlock(2 * ch), PlainBlock(2 * ch, 2 * ch))
        self.up1, self.conv1 = PlainBlock(2 * ch, 2 * ch), nn.Conv2d(2 * ch, 2 * ch, 3, 1, 1)
        self.up0, self.conv0 = PlainBlock(2 * ch, ch), nn.Conv2d(ch, ch, 3, 1, 1)
        self.norm_out, self.conv_out = norm(ch), nn.Conv2d(ch, 3, 3, 1, 1)

    def forward(self, z):
        h = self.mid(self.conv_in(self.post_quant_conv(z / self.scale)))
        h = self.conv1(F.interpolate(self.up1(h), scale_factor=2.0, mode="nearest"))
        h = self.conv0(F.interpolate(self.up0(h), scale_factor=2.0, mode="nearest"))
        return self.conv_out(swish(self.norm_out(h))).clamp(-1.0, 1.0)


class TextBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(dim, dim) for _ in range(4))
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def shape(self, t, n, b):
        return t.view(b, n, self.heads, -1).transpose(1, 2).contiguous().view(b * self.heads, n, -1)

    def forward(self, x, mask):
        b, n, c = x.size()
        y = self.layer_norm1(x)
        q, k, v = (self.shape(p, n, b) for p in (self.q_proj(y) * self.scale, self.k_proj(y), self.v_proj(y)))
        weights = torch.bmm(q, k.transpose(1, 2)).view(b, self.heads, n, n) + mask
        weights = F.softmax(weights.view(b * self.heads, n, n), dim=-1)
        y = torch.bmm(weights, v).view(b, self.heads, n, -1).transpose(1, 2).reshape(b, n, c)
        x = x + self.out_proj(y)
        y = self.fc1(self.layer_norm2(x))
        return x + self.fc2(y * torch.sigmoid(1.702 * y))


class TextTransformer(nn.Module):
    """Token ids (B, n) int64 to the states of all tokens and the projected state of the last one (the largest id)."""

    def __init__(self, vocabulary=97, length=16, dim=32, heads=4, depth=2):
        super().__init__()
        self.token_embedding, self.position_embedding = nn.Embedding(vocabulary, dim), nn.Embedding(length, dim)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)))
        self.blocks = nn.ModuleList([TextBlock(dim, heads) for _ in range(depth)])
        self.final_layer_norm, self.text_projection = nn.LayerNorm(dim), nn.Parameter(torch.randn(dim, 24) * dim ** -0.5)

    def forward(self, input_ids):
        n = input_ids.shape[1]
        x = self.token_embedding(input_ids) + self.position_embedding(self.position_ids[:, :n])
        i = torch.arange(n, device=x.device)
        mask = torch.zeros(n, n).masked_fill(i[None, :] > i[:, None], float("-inf"))[None, None]
        for block in self.blocks:
            x = block(x, mask)
        x = self.final_layer_norm(x)
        pooled = x[torch.arange(x.shape[0], device=x.device), input_ids.argmax(dim=-1)]
        return x, pooled @ self.text_projection
