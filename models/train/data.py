"""Training images: the arrays that ExportShapes wrote."""

import os

import numpy as np
import torch

NAMES = ["disc", "square", "triangle", "ring", "cross"]
CLASSES = len(NAMES)


def load(folder, first=0, count=None):
    """Images uint8 (N, 3, 16, 16) and labels int64 (N,) of the rows first..first+count of the folder's arrays."""
    rows = slice(first, None if count is None else first + count)
    images = np.load(os.path.join(folder, "images.npy"))[rows]
    labels = np.load(os.path.join(folder, "labels.npy"))[rows]
    return torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(np.int64))


def to_range(images):
    """Bytes to [-1, 1]."""
    return images.float() / 127.5 - 1.0


def to_bytes(samples):
    """Samples to bytes as the paper's released code does: clip(127.5 x + 128, 0, 255), truncated."""
    return (samples * 127.5 + 128).clamp(0, 255).to(torch.uint8)
