"""Writes the fixture of PillowResizeTest: what Pillow's antialiased bilinear resize makes of 8-bit planes, and what torchvision's
usual steps after it (to [0, 1], mean, deviation) make of a colour image.

    python3 pillow_resize.py > ../src/test/resources/dev/reprise/metrics/pillow-resize.txt

"plane": width, height, new width, new height, SHA-256 of the bytes, the first eight. Bytes of the source: the upper byte of
a linear congruential generator that starts at 1. Written with Pillow 9.4.0.
"photo": as "plane", of a picture with soft gradients, hard edges and a little noise.
"input": edge, size, SHA-256 of the float32 tensor (3, size, size) for an image whose float values are made of those bytes.
"short": width, height, SHA-256 of what torchvision's Resize(288) of SSCD's README and the same steps make of such an image.
"""
import hashlib

import numpy as np
import torch
from PIL import Image
from torchvision import transforms


def lcg(n):
    s, out = 1, np.empty(n, np.uint8)
    for i in range(n):
        s = (s * 1664525 + 1013904223) % 2**32
        out[i] = s >> 24
    return out


for w, h, nw, nh in [(16, 16, 320, 320), (32, 32, 320, 320), (32, 32, 16, 16), (320, 240, 64, 64), (7, 5, 3, 11), (100, 3, 1, 1),
                     (1, 1, 5, 4), (33, 47, 33, 20), (33, 47, 10, 47), (64, 64, 64, 64), (13, 17, 29, 31), (500, 375, 288, 288)]:
    im = Image.fromarray(lcg(w * h).reshape(h, w)).resize((nw, nh), Image.BILINEAR)
    b = np.asarray(im).tobytes()
    print("plane", w, h, nw, nh, hashlib.sha256(b).hexdigest(), b[:8].hex())


def photo(w, h):
    y, x = np.mgrid[0:h, 0:w].astype(np.int64)
    tri = lambda n: np.abs(n % 512 - 256)
    v = (tri(3 * x + 5 * y) + tri(7 * x - 2 * y + 100)) // 3 + (lcg(w * h).reshape(h, w) >> 4)
    v[h // 3:h // 2, w // 4:w // 2] = 250
    return v.clip(0, 255).astype(np.uint8)


for w, h, nw, nh in [(32, 32, 320, 320), (28, 28, 320, 320), (64, 64, 320, 320), (96, 96, 320, 320), (256, 256, 320, 320), (320, 320, 288, 288),
                     (512, 512, 320, 320), (512, 512, 288, 288), (640, 427, 320, 320), (640, 427, 431, 288), (299, 299, 320, 320), (1024, 768, 320, 320),
                     (333, 500, 288, 432), (32, 32, 288, 288)]:
    b = np.asarray(Image.fromarray(photo(w, h)).resize((nw, nh), Image.BILINEAR)).tobytes()
    print("photo", w, h, nw, nh, hashlib.sha256(b).hexdigest(), b[:8].hex())
mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
for edge, size in [(16, 16), (32, 320), (16, 40)]:
    # Some values outside [-1, 1], so that they are clipped.
    x = torch.from_numpy(lcg(3 * edge * edge).astype(np.float32)).reshape(3, edge, edge) / 120 - 1.05
    b = (x * 127.5 + 128).clip(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    im = Image.fromarray(b).resize((size, size), Image.BILINEAR)
    y = torch.from_numpy(np.array(im)).permute(2, 0, 1).contiguous().float() / 255
    y = y.sub(mean).div(std).contiguous()
    print("input", edge, size, hashlib.sha256(y.numpy().tobytes()).hexdigest())
steps = transforms.Compose([transforms.Resize(288), transforms.ToTensor(), transforms.Normalize(mean.flatten().tolist(), std.flatten().tolist())])
for w, h in [(32, 32), (64, 48), (40, 61), (600, 299)]:
    x = torch.from_numpy(lcg(3 * w * h).astype(np.float32)).reshape(3, h, w) / 120 - 1.05
    b = (x * 127.5 + 128).clip(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    print("short", w, h, hashlib.sha256(steps(Image.fromarray(b)).contiguous().numpy().tobytes()).hexdigest())
