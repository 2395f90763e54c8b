"""Copies of images, as an editor or a slightly different model would make them: shifted, cropped, warped, recoloured,
blurred, noisy, partly covered. Mirrored images are not copies here: where a shape lies is part of what a picture shows."""

import torch
from torch.nn import functional as F


def sometimes(probability, images, changed):
    chosen = torch.rand(len(images), 1, 1, 1) < probability
    return torch.where(chosen, changed, images)


def between(count, low, high):
    return low + (high - low) * torch.rand(count, 1, 1, 1)


def moved(images):
    """Zoom by 0.92 to 1.09, a shift of up to a pixel, and a smooth warp of up to a pixel; edges repeated."""
    count = len(images)
    zoom = 1 / between(count, 0.92, 1.09).flatten()
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = zoom
    theta[:, :, 2] = (2 * torch.rand(count, 2) - 1) * (1.0 / 8)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    warp = F.interpolate(2 * torch.rand(count, 2, 5, 5) - 1, images.shape[2:], mode="bicubic", align_corners=True)
    grid = grid + between(count, 0, 1.0 / 8) * warp.permute(0, 2, 3, 1)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def recoloured(images):
    """Brightness, contrast and saturation by 0.85 to 1.18, and a tint."""
    count = len(images)
    images = images * between(count, 0.85, 1.18)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * between(count, 0.85, 1.18)
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * between(count, 0.85, 1.18)
    return images * (1 + 0.05 * torch.randn(count, 3, 1, 1))


def blurred(images):
    kernel = torch.tensor([1.0, 2.0, 1.0]) / 4
    weight = (kernel[:, None] * kernel[None, :]).expand(3, 1, 3, 3)
    return F.conv2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), weight, groups=3)


def covered(images):
    """A rectangle of 2 to 4 pixels a side in a random colour."""
    count, _, height, width = images.shape
    y, x = torch.arange(height).view(1, 1, -1, 1), torch.arange(width).view(1, 1, 1, -1)
    top, left = torch.randint(0, height - 2, (2, count, 1, 1, 1))
    tall, wide = torch.randint(2, 5, (2, count, 1, 1, 1))
    inside = (y >= top) & (y < top + tall) & (x >= left) & (x < left + wide)
    return torch.where(inside, torch.rand(count, 3, 1, 1), images)


def copies(images):
    """A copy of each image; values in [0, 1], shape (B, 3, 16, 16)."""
    images = sometimes(0.7, images, moved(images))
    images = sometimes(0.7, images, recoloured(images))
    images = sometimes(0.3, images, blurred(images))
    images = sometimes(0.15, images, covered(images))
    images = sometimes(0.4, images, images + between(len(images), 0, 0.06) * torch.randn_like(images))
    return images.clamp(0, 1)
