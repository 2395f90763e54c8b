"""Writes ONNX files, their metadata and parity fixtures: python3 export.py CHECKPOINTS MODELS_FOLDER [NAME...].

For each name: NAME.onnx (dynamic batch), NAME.json (the sidecar that models/README.md describes) and
fixtures/NAME.npz (two inputs and PyTorch's outputs in float32)."""

import hashlib
import json
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper
import torch

import data
import descriptor
import latent
import train_latent
from specs import BATCH, EMA, LABEL_DROPOUT, SPECS

DATASET_SEED = 20240607
OUTPUTS = {"epsilon": "epsilon", "x0": "x0", "v": "v", "edm": "F"}


def example(spec):
    """Inputs of a batch of two that are plausible for the model, by input name."""
    generator = torch.Generator().manual_seed(2024)
    x = torch.randn(2, 3, 16, 16, generator=generator)
    times = {"index": [500.0, 20.0], "continuous": [0.5, 0.02], "cnoise": [0.4, -0.9]}[spec["time"]]
    inputs = {spec["inputs"]["sample"]: x, spec["inputs"]["time"]: torch.tensor(times)}
    if spec["labelled"]:
        inputs[spec["inputs"]["label"]] = torch.tensor([1, data.CLASSES])
    return inputs


def model_metadata(name, spec, state):
    classes = None
    if spec["labelled"]:
        classes = {"count": data.CLASSES, "null": data.CLASSES, "names": data.NAMES}
    return {
        "name": name,
        "architecture": spec["architecture"],
        "parameterization": spec["parameterization"],
        "schedule": spec["schedule"].metadata,
        "inputs": spec["inputs"],
        "time": spec["time"],
        "output": OUTPUTS[spec["parameterization"]],
        "sampleShape": [3, 16, 16],
        "range": [-1, 1],
        "classes": classes,
        "sampler": spec["sampler"],
        "training": {"dataset": "synthetic-shapes", "seed": DATASET_SEED, "first": 0, "count": spec["count"],
                     "steps": state["step"], "batch": spec.get("batch", BATCH), "lr": spec["lr"], "ema": EMA,
                     "labelDropout": LABEL_DROPOUT if spec["labelled"] else 0, "torchSeed": spec["seed"], "initial": spec.get("initial")},
    }


def descriptor_metadata(state):
    return {
        "name": "descriptor",
        "architecture": "ResNet 32-64-112, GeM p=3, linear, L2",
        "kind": "descriptor",
        "inputs": {"image": "image"},
        "output": "descriptor",
        "imageShape": [3, 16, 16],
        "dimensions": 128,
        "preprocess": {"scale": 255, "mean": list(descriptor.MEAN), "std": list(descriptor.STD)},
        "threshold": 0.6,
        "training": state["training"],
    }


def generator_metadata(name, state):
    kind = {"gan": "generator of a GAN", "vae": "decoder of a VAE"}[name[:3]]
    return {
        "name": name,
        "architecture": f"{kind}, {latent.LATENT} numbers to 4x4 to 16x16, widths " + "-".join(map(str, latent.WIDTHS)),
        "kind": "generator",
        "inputs": {"latent": "z"},
        "output": "image",
        "latentShape": [3, 16, 16],
        "range": [-1, 1],
        "training": state["training"],
    }


def halve(graph):
    """Large arrays as float16, each with a Cast to float32 behind it; they are such numbers already."""
    for tensor in list(graph.initializer):
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size <= latent.SMALL:
            continue
        assert (array == array.astype(np.float16)).all(), tensor.name
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), name + ".half"))
        graph.node.insert(0, onnx.helper.make_node("Cast", [name + ".half"], [name], to=onnx.TensorProto.FLOAT))


def write(network, inputs, output, metadata, folder, opset=17):
    # PyTorch 1.13 writes an invalid LayerNormalization where the norm has no weights: such a model needs opset 16.
    name = metadata["name"]
    network.eval()
    path = os.path.join(folder, name + ".onnx")
    names = list(inputs)
    torch.onnx.export(network, tuple(inputs.values()), path, opset_version=opset, input_names=names, output_names=[output],
                      dynamic_axes={key: {0: "batch"} for key in names + [output]})
    model = onnx.load(path)
    model.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
    if isinstance(network, latent.Generator):
        halve(model.graph)
    entry = model.metadata_props.add()
    entry.key, entry.value = "reprise", json.dumps(metadata, ensure_ascii=False)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(folder, name + ".json"), "w") as file:
        json.dump({**metadata, "sha256": digest}, file, indent=2, ensure_ascii=False)
        file.write("\n")
    with torch.no_grad():
        result = network(*inputs.values())
    os.makedirs(os.path.join(folder, "fixtures"), exist_ok=True)
    arrays = {key: value.numpy() for key, value in inputs.items()}
    np.savez(os.path.join(folder, "fixtures", name + ".npz"), **arrays, **{output: result.numpy()})
    operators = sorted({node.op_type for node in model.graph.node})
    print(name, os.path.getsize(path), "bytes,", len(model.graph.node), "nodes:", " ".join(operators))


def main():
    torch.set_num_threads(1)
    checkpoints, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    for name in names or [*SPECS, *train_latent.NAMES, "descriptor"]:
        path = os.path.join(checkpoints, name + ".pt")
        if name == "descriptor":
            state = torch.load(path) if os.path.exists(path) else {"training": {"steps": 0}}
            network = descriptor.Descriptor()
            if "network" in state:
                network.load_state_dict(state["network"])
            images = torch.randint(0, 256, (2, 3, 16, 16), generator=torch.Generator().manual_seed(2024))
            write(network, {"image": descriptor.preprocess(images)}, "descriptor", descriptor_metadata(state), folder)
            continue
        if name in train_latent.NAMES:
            state = torch.load(path)
            network = latent.Generator()
            network.load_state_dict(state["average"])
            z = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(2024))
            write(network.rounded(), {"z": z}, "image", generator_metadata(name, state), folder)
            continue
        spec = SPECS[name]
        network = spec["network"]()
        state = torch.load(path) if os.path.exists(path) else {"step": 0}
        if "average" in state:
            network.load_state_dict(state["average"])
        else:
            torch.nn.init.normal_(list(network.parameters())[-2], std=0.05)
        write(network, example(spec), OUTPUTS[spec["parameterization"]], model_metadata(name, spec, state), folder,
              spec.get("opset", 17))


if __name__ == "__main__":
    main()
