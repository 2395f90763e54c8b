"""A copy-detection descriptor of SSCD's form: ResNet trunk, generalized mean pooling with p = 3, a linear layer, L2 norm."""

from torch import nn
from torch.nn import functional as F

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class BasicBlock(nn.Module):
    def __init__(self, inner, outer, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inner, outer, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outer)
        self.skip = nn.Identity()
        if stride != 1 or inner != outer:
            self.skip = nn.Sequential(nn.Conv2d(inner, outer, 1, stride=stride, bias=False), nn.BatchNorm2d(outer))

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(h)) + self.skip(x))


class Descriptor(nn.Module):
    """forward(image (B, 3, 16, 16), bytes/255 minus MEAN over STD) -> (B, dimensions), of length 1."""

    def __init__(self, widths=(32, 64, 112), dimensions=128):
        super().__init__()
        self.first = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        blocks, inner = [BasicBlock(widths[0], widths[0], 1)], widths[0]
        for width in widths[1:]:
            blocks += [BasicBlock(inner, width, 2), BasicBlock(width, width, 1)]
            inner = width
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(inner, dimensions)

    def forward(self, image):
        x = self.blocks(F.relu(self.norm(self.first(image)))).float()
        x = x.clamp(min=1e-6).pow(3.0).mean(dim=(2, 3)).pow(1.0 / 3.0)
        return F.normalize(self.head(x), dim=1)


def preprocess(images):
    """Bytes (B, 3, 16, 16) to the descriptor's input."""
    x = images.float() / 255
    return (x - x.new_tensor(MEAN)[:, None, None]) / x.new_tensor(STD)[:, None, None]
