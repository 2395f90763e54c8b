"""A copy-detection descriptor of SSCD's form (Pizzi et al. 2022: ResNet-50, GeM pooling, L2 norm) and a DCGAN generator
(Radford et al. 2016)."""
import torch
from torch import nn
from torch.nn import functional as F


def settled(module):
    """Batch norms as after training: statistics that are neither 0 nor 1."""
    for m in module.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.running_mean, -0.3, 0.3)
            nn.init.uniform_(m.running_var, 0.5, 1.5)
            nn.init.uniform_(m.weight, 0.6, 1.2)
            nn.init.uniform_(m.bias, -0.2, 0.2)
    return module


class Bottleneck(nn.Module):
    def __init__(self, inner, width, stride):
        super().__init__()
        outer = width * 4
        self.conv1, self.bn1 = nn.Conv2d(inner, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, outer, 1, bias=False), nn.BatchNorm2d(outer)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer)) if stride > 1 or inner != outer else None

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(y)))))
        return self.relu(y + (self.downsample(x) if self.downsample is not None else x))


class Gem(nn.Module):
    def __init__(self, p=3.0, eps=1e-6):
        super().__init__()
        self.p, self.eps = p, eps

    def forward(self, x):
        return F.adaptive_avg_pool2d(x.clamp(min=self.eps).pow(self.p), 1).pow(1.0 / self.p).flatten(1)


class Sscd(nn.Module):
    def __init__(self, width=3, dims=32, layers=(3, 4, 6, 3)):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        blocks, inner = [], width
        for level, depth in enumerate(layers):
            for i in range(depth):
                blocks.append(Bottleneck(inner, width << level, 2 if level and not i else 1))
                inner = (width << level) * 4
        self.blocks, self.gem, self.embedding = nn.Sequential(*blocks), Gem(), nn.Linear(inner, dims)
        settled(self)

    def forward(self, x):
        return F.normalize(self.embedding(self.gem(self.blocks(self.stem(x)))))


class Generator(nn.Module):
    def __init__(self, nz=16, ngf=8):
        super().__init__()
        def up(inner, outer, stride, padding):
            return nn.ConvTranspose2d(inner, outer, 4, stride, padding, bias=False), nn.BatchNorm2d(outer), nn.ReLU(True)
        self.main = nn.Sequential(*up(nz, ngf * 4, 1, 0), *up(ngf * 4, ngf * 2, 2, 1), *up(ngf * 2, ngf, 2, 1),
                                  nn.ConvTranspose2d(ngf, 3, 4, 2, 1, bias=False), nn.Tanh())
        settled(self)

    def forward(self, z):
        return self.main(z.reshape(z.shape[0], -1, 1, 1))
