"""Small, randomly initialised networks as PyTorch's exporter writes them, with PyTorch's own outputs: writes NAME-OPSET.onnx
and NAME.npz (inputs and outputs by their names) to test/src/test/resources/parity/.

Run once with Debian's Python (torch 1.13.1): /usr/bin/python3 test/recipes/parity.py
"""
import pathlib
import warnings

import numpy as np
import torch
from torch.onnx import TrainingMode

from networks.convnets import Generator, Sscd
from networks.ddpm import Ddpm
from networks.edm import EdmPrecond
from networks.latent import CrossUnet, TextTransformer, VaeDecoder
from networks.vit import Dit, Uvit

OPSETS = (13, 16, 17)
BATCH = 3
TARGET = pathlib.Path(__file__).parents[1] / "src/test/resources/parity"


def images(batch, channels, size):
    return torch.randn(batch, channels, size, size)


def ids(batch, length=11, end=96):
    t = torch.randint(1, end, (batch, length))
    t[torch.arange(batch), torch.arange(batch) % length - 1] = end
    return t


# name: network, inputs of a batch, names of the outputs
NETWORKS = {
    "ddpm": (Ddpm, lambda b: {"x": images(b, 3, 16), "t": torch.randint(0, 1000, (b,))}, ["eps"]),
    "ddpmpp-edm": (EdmPrecond, lambda b: {"x": images(b, 3, 16), "sigma": torch.rand(b) * 3 + 0.02, "class_labels": torch.eye(5)[:b]}, ["denoised"]),
    "dit": (Dit, lambda b: {"x": images(b, 4, 8), "t": torch.randint(0, 1000, (b,)), "y": torch.randint(0, 6, (b,))}, ["out"]),
    "uvit": (Uvit, lambda b: {"x": images(b, 3, 8), "timesteps": torch.rand(b) * 999, "y": torch.randint(0, 5, (b,))}, ["eps"]),
    "cross-unet": (CrossUnet, lambda b: {"x": images(b, 4, 8), "timesteps": torch.randint(0, 1000, (b,)), "context": torch.randn(b, 7, 12)}, ["eps"]),
    "vae-decoder": (VaeDecoder, lambda b: {"z": images(b, 4, 4) * 0.18}, ["image"]),
    "text-transformer": (TextTransformer, lambda b: {"input_ids": ids(b)}, ["last_hidden_state", "pooled"]),
    "sscd": (Sscd, lambda b: {"image": images(b, 3, 64)}, ["embedding"]),
    "gan-generator": (Generator, lambda b: {"z": torch.randn(b, 16)}, ["image"]),
}


def export(name, make, inputs, outputs):
    torch.manual_seed(sum(map(ord, name)))
    network = make().eval()
    for p in network.parameters():
        # Initial zeros would hide branches.
        if p.dim() == 1 and float(p.abs().max()) == 0:
            torch.nn.init.normal_(p, std=0.1)
    given = inputs(BATCH)
    with torch.no_grad():
        got = network(*given.values())
    got = dict(zip(outputs, got if isinstance(got, tuple) else (got,)))
    np.savez(TARGET / f"{name}.npz", **{k: v.numpy() for k, v in {**given, **got}.items()})
    example = inputs(2)
    for opset in OPSETS:
        # In the oldest set batch norms stay nodes of their own; later the exporter folds them into convolutions.
        preserved = opset == OPSETS[0] and name in ("sscd", "gan-generator")
        file = TARGET / f"{name}-{opset}.onnx"
        try:
            torch.onnx.export(network, tuple(example.values()), file, opset_version=opset, input_names=list(example), output_names=outputs,
                              dynamic_axes={k: {0: "batch"} for k in [*example, *outputs]},
                              training=TrainingMode.PRESERVE if preserved else TrainingMode.EVAL)
        except torch.onnx.CheckerError as e:
            # PyTorch 1.13 leaves out the scale of a LayerNorm without affine parameters and then complains about its own
            # file, which it has written all the same: such files are about, so they are tested.
            print(file.name, str(e).splitlines()[0])
        print(file.name, file.stat().st_size)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, (make, inputs, outputs) in NETWORKS.items():
        export(name, make, inputs, outputs)
