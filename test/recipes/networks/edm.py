"""A DDPM++ U-Net in the form of EDM (Karras et al. 2022), with the preconditioning of its table 1 in the graph: blocks
that change the resolution themselves by fixed FIR filters, adaptive scale and shift, multi-head attention by einsum."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Conv2d(nn.Module):
    """A convolution with an optional change of resolution by a separable filter."""

    def __init__(self, inner, outer, kernel, up=False, down=False, taps=(1, 1)):
        super().__init__()
        self.inner, self.up, self.down, self.pad = inner, up, down, kernel // 2
        self.weight = nn.Parameter(torch.randn(outer, inner, kernel, kernel) * np.sqrt(1 / (inner * kernel * kernel))) if kernel else None
        self.bias = nn.Parameter(torch.randn(outer) * 0.1) if kernel else None
        self.pad_filter = (len(taps) - 1) // 2
        f = torch.as_tensor(taps, dtype=torch.float32)
        f = f.ger(f).unsqueeze(0).unsqueeze(1) / f.sum().square()
        self.register_buffer("resample_filter", f if up or down else None)

    def forward(self, x):
        w = self.weight.to(x.dtype) if self.weight is not None else None
        f = self.resample_filter
        pad = self.pad_filter
        if self.up:
            x = F.conv_transpose2d(x, f.mul(4).repeat(self.inner, 1, 1, 1), groups=self.inner, stride=2, padding=pad)
        if self.down:
            x = F.conv2d(x, f.repeat(self.inner, 1, 1, 1), groups=self.inner, stride=2, padding=pad)
        if w is not None:
            x = F.conv2d(x, w, padding=self.pad)
            x = x.add_(self.bias.to(x.dtype).reshape(1, -1, 1, 1))
        return x


class GroupNorm(nn.Module):
    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.groups, self.eps = 4, eps
        self.weight, self.bias = nn.Parameter(1 + torch.randn(channels) * 0.1), nn.Parameter(torch.randn(channels) * 0.1)

    def forward(self, x):
        return F.group_norm(x, self.groups, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


class PositionalEmbedding(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channels = channels

    def forward(self, x):
        freqs = torch.arange(start=0, end=self.channels // 2, dtype=torch.float32, device=x.device) / (self.channels // 2 - 1)
        x = x.ger((1 / 10000) ** freqs)
        return torch.cat([x.cos(), x.sin()], dim=1)


class UNetBlock(nn.Module):
    def __init__(self, inner, outer, emb, up=False, down=False, heads=0, taps=(1, 1)):
        super().__init__()
        self.outer, self.heads = outer, heads
        self.norm0, self.conv0 = GroupNorm(inner), Conv2d(inner, outer, 3, up, down, taps)
        self.affine = nn.Linear(emb, outer * 2)
        self.norm1, self.conv1 = GroupNorm(outer), Conv2d(outer, outer, 3)
        self.skip = Conv2d(inner, outer, 1 if inner != outer else 0, up, down, taps) if inner != outer or up or down else None
        if heads:
            self.norm2, self.qkv, self.proj = GroupNorm(outer), Conv2d(outer, outer * 3, 1), Conv2d(outer, outer, 1)

    def forward(self, x, emb):
        orig = x
        x = self.conv0(F.silu(self.norm0(x)))
        scale, shift = self.affine(emb).unsqueeze(2).unsqueeze(3).to(x.dtype).chunk(chunks=2, dim=1)
        x = F.silu(torch.addcmul(shift, self.norm1(x), scale + 1))
        x = self.conv1(F.dropout(x, p=0.1, training=self.training))
        x = x.add_(self.skip(orig) if self.skip is not None else orig)
        x = x * np.sqrt(0.5)
        if self.heads:
            n = x.shape[0]
            q, k, v = self.qkv(self.norm2(x)).reshape(n * self.heads, x.shape[1] // self.heads, 3, -1).unbind(2)
            w = torch.einsum("ncq,nck->nqk", q.to(torch.float32), (k / np.sqrt(k.shape[1])).to(torch.float32)).softmax(dim=2).to(q.dtype)
            a = torch.einsum("nqk,nck->ncq", w, v)
            x = self.proj(a.reshape(*x.shape)).add_(x)
            x = x * np.sqrt(0.5)
        return x


class SongUNet(nn.Module):
    def __init__(self, ch=8, labels=5, taps=(1, 3, 3, 1)):
        super().__init__()
        emb = ch * 4
        self.map_noise, self.map_label = PositionalEmbedding(ch), nn.Linear(labels, ch)
        self.map_layer0, self.map_layer1 = nn.Linear(ch, emb), nn.Linear(emb, emb)
        self.enc = nn.ModuleList([Conv2d(3, ch, 3), UNetBlock(ch, ch, emb), UNetBlock(ch, ch, emb, down=True, taps=taps), UNetBlock(ch, 2 * ch, emb, heads=2)])
        self.dec = nn.ModuleList([UNetBlock(2 * ch, 2 * ch, emb, heads=1), UNetBlock(4 * ch, 2 * ch, emb, heads=2), UNetBlock(3 * ch, 2 * ch, emb),
                                  UNetBlock(2 * ch, 2 * ch, emb, up=True, taps=taps), UNetBlock(3 * ch, ch, emb), UNetBlock(2 * ch, ch, emb)])
        self.out_norm, self.out_conv = GroupNorm(ch), Conv2d(ch, 3, 3)

    def forward(self, x, noise_labels, class_labels):
        emb = self.map_noise(noise_labels)
        emb = emb.reshape(emb.shape[0], 2, -1).flip(1).reshape(*emb.shape)
        emb = emb + self.map_label(class_labels * np.sqrt(self.map_label.in_features))
        emb = F.silu(self.map_layer1(F.silu(self.map_layer0(emb))))
        skips = []
        for block in self.enc:
            x = block(x, emb) if isinstance(block, UNetBlock) else block(x)
            skips.append(x)
        for block in self.dec:
            if x.shape[1] != block.norm0.weight.shape[0]:
                x = torch.cat([x, skips.pop()], dim=1)
            x = block(x, emb)
        return self.out_conv(F.silu(self.out_norm(x)))


class EdmPrecond(nn.Module):
    def __init__(self, sigma_data=0.5):
        super().__init__()
        self.sigma_data, self.model = sigma_data, SongUNet()

    def forward(self, x, sigma, class_labels):
        x = x.to(torch.float32)
        sigma = sigma.to(torch.float32).reshape(-1, 1, 1, 1)
        c_skip = self.sigma_data ** 2 / (sigma ** 2 + self.sigma_data ** 2)
        c_out = sigma * self.sigma_data / (sigma ** 2 + self.sigma_data ** 2).sqrt()
        c_in = 1 / (self.sigma_data ** 2 + sigma ** 2).sqrt()
        c_noise = sigma.log() / 4
        f = self.model(c_in * x, c_noise.flatten(), class_labels)
        return c_skip * x + c_out * f.to(torch.float32)
