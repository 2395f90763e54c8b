"""Writes the PyTorch files that WeightFileTest reads, and what PyTorch itself reads from them.

    python3 torch_files.py ../src/test/resources/dev/reprise/loaders/weights

Written with torch 1.13.1.
"""
import collections
import hashlib
import json
import os
import struct
import sys

import numpy
import torch

OUT = sys.argv[1]
os.makedirs(OUT, exist_ok=True)
torch.manual_seed(1)


def tensors():
    base = torch.randn(6, 4)
    d = collections.OrderedDict()
    d["float32"] = torch.randn(2, 3, 4)
    d["float64"] = torch.randn(3, dtype=torch.float64)
    d["float16"] = torch.randn(2, 5).half()
    d["bfloat16"] = torch.randn(7).bfloat16()
    for t in [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]:
        d[str(t)[6:]] = torch.randint(0, 100, (2, 2)).to(t)
    d["bool"] = torch.tensor([True, False, True])
    d["scalar"] = torch.tensor(3.5)
    d["empty"] = torch.zeros(0, 3)
    d["shared"] = base
    d["rows"] = base[2:4]
    d["transposed"] = base.t()
    d["strided"] = base[::2, 1::2]
    d["expanded"] = base[:1].expand(5, 4)
    d["channels_last"] = torch.randn(1, 3, 2, 2).to(memory_format=torch.channels_last)
    d["parameter"] = torch.nn.Parameter(torch.randn(2))
    return d


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.norm = torch.nn.BatchNorm2d(4)
        self.head = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))

    def forward(self, x):
        return self.head(torch.relu(self.norm(self.conv(x))).mean((2, 3)) + torch.ones(4))


def flat(prefix, o):
    if isinstance(o, torch.Tensor):
        yield prefix, o
    elif isinstance(o, dict):
        for k, v in o.items():
            yield from flat(prefix + "." + str(k) if prefix else str(k), v)
    elif isinstance(o, (list, tuple)):
        for i, v in enumerate(o):
            yield from flat(prefix + "." + str(i) if prefix else str(i), v)


def raw(t):
    t = t.detach().contiguous()
    return t.view(torch.int16).numpy().tobytes() if t.dtype == torch.bfloat16 else t.numpy().tobytes()


def note(name, o):
    with open(os.path.join(OUT, name + ".txt"), "w") as f:
        for n, t in flat("", o):
            print(n, str(t.dtype)[6:], ",".join(map(str, t.shape)) or "-", hashlib.sha256(raw(t)).hexdigest(), file=f)


def safetensors(path, d, metadata):
    names = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64", torch.int32: "I32",
             torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
    header, data = {"__metadata__": metadata}, b""
    for n, t in d.items():
        b = raw(t)
        header[n] = {"dtype": names[t.dtype], "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(b)]}
        data += b
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


d = tensors()
torch.save(d, os.path.join(OUT, "tensors.pt"))
torch.save(d, os.path.join(OUT, "legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(d, os.path.join(OUT, "protocol4.pt"), pickle_protocol=4)
note("tensors", d)
safetensors(os.path.join(OUT, "tensors.safetensors"), d, {"format": "pt", "step": "7"})

net = Net().eval()
net.norm.running_mean.uniform_()
optimizer = torch.optim.Adam(net.parameters())
net(torch.randn(2, 3, 5, 5)).sum().backward()
optimizer.step()
checkpoint = {"model": net.state_dict(), "ema": [p.detach() * 2 for p in net.parameters()], "optimizer": optimizer.state_dict(), "epoch": 12,
              "lr": 1e-3, "name": "tiny"}
torch.save(checkpoint, os.path.join(OUT, "checkpoint.pt"))
note("checkpoint", checkpoint)
torch.jit.script(net).save(os.path.join(OUT, "script.pt"))
torch.jit.trace(net, torch.randn(1, 3, 5, 5)).save(os.path.join(OUT, "trace.pt"))
note("script", net.state_dict())
torch.save(torch.randn(2, 3, 4), os.path.join(OUT, "one.pt"))
torch.save(net, os.path.join(OUT, "module.pt"))

# A graph with other weights of its own, and what the network gives with those of the checkpoint.
x = torch.randn(2, 3, 5, 5)
numpy_io = {"x": x.numpy(), "y": net(x).detach().numpy(), "half": net.half().float()(x).detach().numpy()}
torch.save(net.half().state_dict(), os.path.join(OUT, "half.pt"))
torch.save({"module." + k: v for k, v in net.float().state_dict().items()}, os.path.join(OUT, "parallel.pt"))
torch.save({"a": net.state_dict(), "b": net.state_dict()}, os.path.join(OUT, "twice.pt"))
torch.manual_seed(2)
torch.onnx.export(Net().eval(), x, os.path.join(OUT, "net.onnx"), do_constant_folding=False, input_names=["x"], output_names=["y"],
                  dynamic_axes={"x": {0: "N"}}, opset_version=13, training=torch.onnx.TrainingMode.PRESERVE)
numpy.savez(os.path.join(OUT, "net-io.npz"), **numpy_io)
