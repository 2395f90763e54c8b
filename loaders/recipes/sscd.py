"""Writes the fixtures of SscdNetworkTest: narrow SSCD-like networks with random weights, and what PyTorch computes with them.

    python3 sscd.py ../src/test/resources/dev/reprise/loaders/architecture
    python3 sscd.py --full FOLDER     # ResNet-50 and ResNeXt-101 32x4d as published (94 and 170 MB), for a check by hand

NAME.npz holds the weights by the names of a state dict, NAME.pt the traced network (TorchScript) with the same weights, and
NAME-io.npz the input and the output; picture.npz what the whole way from picture.png gives. The modules below bear the names of Classy Vision's and torchvision's ResNe(X)ts. Written
with PyTorch 1.13.
"""
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torchvision import transforms


def conv(i, o, k, stride=1, groups=1):
    return nn.Conv2d(i, o, k, stride, k // 2, groups=groups, bias=False)


class Classy(nn.Module):
    class Stem(nn.Module):
        def __init__(self, width):
            super().__init__()
            self._module = nn.Sequential(conv(3, width, 7, 2), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(3, 2, 1))

        def forward(self, x):
            return self._module(x)

    class Block(nn.Module):
        def __init__(self, i, mid, o, stride, groups):
            super().__init__()
            self.convolutional_block = nn.Sequential(conv(i, mid, 1), nn.BatchNorm2d(mid), nn.ReLU(), conv(mid, mid, 3, stride, groups),
                                                     nn.BatchNorm2d(mid), nn.ReLU(), conv(mid, o, 1))
            self.bn = nn.BatchNorm2d(o)
            self.downsample = nn.Sequential(conv(i, o, 1, stride), nn.BatchNorm2d(o)) if i != o or stride != 1 else None

        def forward(self, x):
            return F.relu(self.bn(self.convolutional_block(x)) + (x if self.downsample is None else self.downsample(x)))

    def __init__(self, depths, width, groups, base):
        super().__init__()
        self.initial_block = Classy.Stem(width)
        stages, i = [], width
        for s, depth in enumerate(depths):
            o, mid = width * 4 * 2**s, (base * groups if base else width) * 2**s
            blocks = OrderedDict()
            for j in range(depth):
                blocks[f"block{s}-{j}"] = Classy.Block(i, mid, o, 2 if s and not j else 1, groups)
                i = o
            stages.append(nn.Sequential(blocks))
        self.blocks = nn.Sequential(*stages)
        self.channels = i

    def forward(self, x):
        return self.blocks(self.initial_block(x))


class Torchvision(nn.Module):
    class Block(nn.Module):
        def __init__(self, i, mid, o, stride, basic):
            super().__init__()
            sizes = [(i, mid, 3, stride), (mid, o, 3, 1)] if basic else [(i, mid, 1, 1), (mid, mid, 3, stride), (mid, o, 1, 1)]
            for n, (a, b, k, s) in enumerate(sizes, 1):
                setattr(self, f"conv{n}", conv(a, b, k, s))
                setattr(self, f"bn{n}", nn.BatchNorm2d(b))
            self.n = len(sizes)
            self.downsample = nn.Sequential(conv(i, o, 1, stride), nn.BatchNorm2d(o)) if i != o or stride != 1 else None

        def forward(self, x):
            y = x
            for n in range(1, self.n + 1):
                y = getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(y))
                y = F.relu(y) if n < self.n else y
            return F.relu(y + (x if self.downsample is None else self.downsample(x)))

    def __init__(self, depths, width, basic, dims):
        super().__init__()
        self.conv1, self.bn1, i = conv(3, width, 7, 2), nn.BatchNorm2d(width), width
        for s, depth in enumerate(depths):
            mid = width * 2**s
            o = mid if basic else 4 * mid
            blocks = []
            for j in range(depth):
                blocks.append(Torchvision.Block(i, mid, o, 2 if s and not j else 1, basic))
                i = o
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        self.stages, self.avgpool, self.fc = len(depths), GeM(), nn.Linear(i, dims)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for s in range(self.stages):
            x = getattr(self, f"layer{s + 1}")(x)
        return self.fc(self.avgpool(x))


class GeM(nn.Module):
    def forward(self, x):
        return x.flatten(2).clamp(min=1e-6).pow(3.0).mean(dim=2).pow(1 / 3.0)


class L2(nn.Module):
    def forward(self, x):
        return F.normalize(x)


class Sscd(nn.Module):
    def __init__(self, backbone, dims):
        super().__init__()
        self.backbone = backbone
        self.embeddings = nn.Sequential(GeM(), nn.Linear(backbone.channels, dims), L2()) if isinstance(backbone, Classy) else L2()

    def forward(self, x):
        return self.embeddings(self.backbone(x))


def randomize(model):
    """Weights that keep the size of activations, norms as after training."""
    g = torch.Generator().manual_seed(7)
    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            m.weight.data.normal_(0, (2 / m.weight[0].numel()) ** 0.5, generator=g)
            if m.bias is not None:
                m.bias.data.normal_(0, 0.1, generator=g)
        elif isinstance(m, nn.BatchNorm2d):
            for t, low, high in ((m.weight.data, 0.5, 1), (m.bias.data, -0.3, 0.3), (m.running_mean, -0.2, 0.2), (m.running_var, 0.6, 1.4)):
                t.uniform_(low, high, generator=g)
    return model.eval()


def write(folder, name, model, h, w):
    model = randomize(model)
    x = torch.randn(2, 3, h, w, generator=torch.Generator().manual_seed(11))
    with torch.no_grad():
        torch.jit.save(torch.jit.trace(model, x), folder / f"{name}.pt")
        np.savez(folder / f"{name}-io.npz", image=x.numpy(), descriptor=model(x).numpy())
    np.savez_compressed(folder / f"{name}.npz", **{k: v.numpy() for k, v in model.state_dict().items()})


if sys.argv[1] == "--full":
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    write(out, "resnet50", Sscd(Classy((3, 4, 6, 3), 64, 1, None), 512), 320, 320)
    write(out, "resnext101", Sscd(Classy((3, 4, 23, 3), 64, 32, 4), 1024), 320, 320)
else:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    write(out, "classy-resnet", Sscd(Classy((2, 1), 4, 1, None), 24), 40, 32)
    write(out, "classy-resnext", Sscd(Classy((1, 1, 1), 4, 4, 2), 24), 32, 40)
    write(out, "torchvision-resnet", Sscd(Torchvision((1, 2), 4, False, 16), 16), 32, 32)
    write(out, "torchvision-basic", Sscd(Torchvision((1, 1, 1), 4, True, 16), 16), 33, 47)
    # From a picture to its descriptor, with the two preparations of SSCD's README.
    net = torch.jit.load(out / "classy-resnext.pt")
    y, x = np.mgrid[0:45, 0:60]
    picture = np.stack([128 + 100 * np.sin(x / 9 + y / 7), 128 + 90 * np.cos(x / 5) * np.sin(y / 11), 120 + 80 * np.sin(y / 6 - x / 9)], 2)
    picture[10:20, 30:50] = (240, 200, 20)
    picture = Image.fromarray((picture + np.random.RandomState(3).randint(-6, 7, picture.shape)).clip(0, 255).astype(np.uint8))
    picture.save(out / "picture.png", optimize=True)
    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    expected = {}
    with torch.no_grad():
        for name, size in (("skew_320", [320, 320]), ("small_288", 288)):
            steps = transforms.Compose([transforms.Resize(size), transforms.ToTensor(), normalize])
            expected[name] = net(steps(picture)[None])[0].numpy()
    np.savez(out / "picture.npz", **expected)
    for name in ("classy-resnet", "torchvision-resnet", "torchvision-basic"):
        (out / f"{name}.pt").unlink()
