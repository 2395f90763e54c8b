"""Expected values of pooling, resizing and grid sampling, from PyTorch: writes engine/src/test/resources/spatial.txt.

A case is a block of lines: `case NAME`, `op NAME OPSET`, `attr NAME KIND VALUES…` (i, f, s, is), one `in KIND SHAPE…` for
each input (float inputs are made by formula: element i is ((7919 i + 13 k) mod 101 - 50) / 16 for input k, times 1/4 where
the kind is `grid`; `longs` and `floats` carry their values after a colon; `none` is absent), `out SHAPE… : VALUES…`.

Run with Debian's Python: /usr/bin/python3 test/recipes/spatial.py
"""
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

lines = []


def made(shape, k, kind="x"):
    n = int(np.prod(shape))
    v = ((7919 * np.arange(n) + 13 * k) % 101 - 50) / 16
    return torch.tensor(v * (0.25 if kind == "grid" else 1), dtype=torch.float32).reshape(shape)


def case(name, op, opset, attributes, inputs, *outputs):
    lines.append(f"case {name}")
    lines.append(f"op {op} {opset}")
    for key, value in attributes.items():
        if isinstance(value, str):
            lines.append(f"attr {key} s {value}")
        elif isinstance(value, float):
            lines.append(f"attr {key} f {value}")
        elif isinstance(value, int):
            lines.append(f"attr {key} i {value}")
        else:
            lines.append(f"attr {key} is {' '.join(map(str, value))}")
    lines.extend("in " + i for i in inputs)
    for o in outputs:
        values = " ".join("%.9g" % v for v in o.double().flatten().tolist())
        lines.append(f"out {' '.join(map(str, o.shape))} : {values}")


def sizes(shape):
    return f"longs {len(shape)} : {' '.join(map(str, shape))}"


def scales(values):
    return f"floats {len(values)} : {' '.join(map(repr, values))}"


def x(shape):
    return "x " + " ".join(map(str, shape))


def resizing():
    torch_mode = {1: "linear", 2: "bilinear", 3: "trilinear"}
    for shape, to in [((1, 2, 5), (8,)), ((1, 2, 7), (3,)), ((2, 2, 4, 5), (7, 9)), ((1, 2, 9, 6), (4, 4)), ((1, 1, 3, 4, 5), (5, 3, 7))]:
        v, full = made(shape, 0), list(shape[:2]) + list(to)
        rank = len(to)
        case(f"nearest {shape} {to}", "Resize", 13, {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
             [x(shape), "none", "none", sizes(full)], F.interpolate(v, to, mode="nearest"))
        # PyTorch's nearest-exact takes the later of two equally near pixels.
        case(f"nearest-exact {shape} {to}", "Resize", 13,
             {"mode": "nearest", "coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"},
             [x(shape), "none", "none", sizes(full)], F.interpolate(v, to, mode="nearest-exact"))
        for corners in (False, True):
            case(f"linear {shape} {to} {corners}", "Resize", 19, {"mode": "linear", "axes": list(range(2, 2 + rank)),
                 "coordinate_transformation_mode": "align_corners" if corners else "half_pixel"},
                 [x(shape), "none", "none", sizes(to)], F.interpolate(v, to, mode=torch_mode[rank], align_corners=corners))
        if rank == 2:
            for corners in (False, True):
                case(f"cubic {shape} {to} {corners}", "Resize", 13,
                     {"mode": "cubic", "coordinate_transformation_mode": "align_corners" if corners else "half_pixel"},
                     [x(shape), "none", "none", sizes(full)], F.interpolate(v, to, mode="bicubic", align_corners=corners))
            case(f"antialiased linear {shape} {to}", "Resize", 18, {"mode": "linear", "antialias": 1, "exclude_outside": 1},
                 [x(shape), "none", "none", sizes(full)], F.interpolate(v, to, mode="bilinear", antialias=True))
            case(f"antialiased cubic {shape} {to}", "Resize", 18,
                 {"mode": "cubic", "antialias": 1, "exclude_outside": 1, "cubic_coeff_a": -0.5},
                 [x(shape), "none", "none", sizes(full)], F.interpolate(v, to, mode="bicubic", antialias=True))
    v = made((1, 3, 4, 6), 0)
    for scale in (2.0, 3.0, 0.5, 1 / 3):
        factors = [1.0, 1.0, float(np.float32(scale)), float(np.float32(scale))]
        case(f"nearest by {scale:.3f}", "Resize", 11, {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
             [x((1, 3, 4, 6)), "none", scales(factors), "none"], F.interpolate(v, scale_factor=scale, mode="nearest"))
        case(f"upsample nearest by {scale:.3f}", "Upsample", 9, {"mode": "nearest"}, [x((1, 3, 4, 6)), scales(factors)],
             F.interpolate(v, scale_factor=scale, mode="nearest"))
        case(f"linear by {scale:.3f}", "Resize", 11, {"mode": "linear"},
             [x((1, 3, 4, 6)), "none", scales(factors), "none"], F.interpolate(v, scale_factor=scale, mode="bilinear"))


def pooling():
    functions = {1: (F.avg_pool1d, F.max_pool1d), 2: (F.avg_pool2d, F.max_pool2d), 3: (F.avg_pool3d, F.max_pool3d)}
    table = [((2, 3, 9), [2], [2], [0]), ((1, 2, 10), [4], [3], [2]), ((2, 2, 8, 8), [2, 2], [2, 2], [0, 0]), ((1, 3, 7, 9), [3, 3], [2, 2], [1, 1]),
             ((1, 2, 6, 5), [3, 2], [1, 1], [1, 1]), ((1, 2, 5, 6, 4), [2, 3, 2], [2, 2, 1], [1, 1, 0])]
    for shape, kernel, stride, pad in table:
        v, n = made(shape, 0), len(kernel)
        average, maximum = functions[n]
        attributes = {"kernel_shape": kernel, "strides": stride, "pads": pad + pad}
        for ceil in (0, 1):
            for include in (0, 1):
                case(f"average {shape} {kernel} ceil {ceil} padded {include}", "AveragePool", 11, {**attributes, "ceil_mode": ceil, "count_include_pad": include},
                     [x(shape)], average(v, kernel, stride, pad, bool(ceil), bool(include)))
            case(f"max {shape} {kernel} ceil {ceil}", "MaxPool", 12, {**attributes, "ceil_mode": ceil}, [x(shape)],
                 maximum(v, kernel, stride, pad, ceil_mode=bool(ceil)))
        y, i = maximum(v, kernel, stride, pad, return_indices=True)
        plane = int(np.prod(shape[2:]))
        offset = (torch.arange(shape[0] * shape[1]) * plane).reshape(shape[:2] + (1,) * n)
        case(f"max with positions {shape} {kernel}", "MaxPool", 12, attributes, [x(shape)], y, i + offset)
    v = made((1, 2, 11, 9), 0)
    case("max dilated", "MaxPool", 12, {"kernel_shape": [3, 2], "dilations": [2, 3], "strides": [1, 2], "pads": [1, 1, 1, 1]}, [x((1, 2, 11, 9))],
         F.max_pool2d(v, (3, 2), (1, 2), (1, 1), (2, 3)))
    for p in (1, 2, 3):
        case(f"norm {p}", "LpPool", 18, {"kernel_shape": [3, 2], "strides": [2, 1], "p": p}, [x((1, 2, 11, 9))],
             (F.lp_pool2d(v.abs().double(), float(p), (3, 2), (2, 1))))
    for shape in ((2, 3, 5), (1, 5, 7, 5), (2, 2, 3, 4, 5)):
        v, axes = made(shape, 0), list(range(2, len(shape)))
        case(f"global average {shape}", "GlobalAveragePool", 1, {}, [x(shape)], v.mean(axes, keepdim=True))
        case(f"global max {shape}", "GlobalMaxPool", 1, {}, [x(shape)], v.amax(axes, keepdim=True))
        case(f"global norm {shape}", "GlobalLpPool", 2, {"p": 3}, [x(shape)], v.double().abs().pow(3).sum(axes, keepdim=True).pow(1 / 3))
    y, i = F.max_pool2d(made((1, 1, 6, 8), 0), 2, 2, return_indices=True)
    case("unpool", "MaxUnpool", 11, {"kernel_shape": [2, 2], "strides": [2, 2]},
         ["floats 1 1 3 4 : " + " ".join("%r" % a for a in y.flatten().tolist()), "longs 1 1 3 4 : " + " ".join(map(str, i.flatten().tolist()))],
         F.max_unpool2d(y, i, 2, 2))


def sampling():
    names = {"bilinear": "linear", "bicubic": "cubic", "nearest": "nearest"}
    for shape, points in [((2, 2, 5, 4), (2, 3, 4, 2)), ((1, 2, 3, 4, 5), (1, 2, 3, 2, 3))]:
        v, grid = made(shape, 0), made(points, 1, "grid") * 1.5
        for mode in ("bilinear", "nearest", "bicubic"):
            if mode == "bicubic" and len(shape) == 5:
                continue
            for padding in ("zeros", "border", "reflection"):
                for corners in (0, 1):
                    opset = 16 if len(shape) == 4 else 20
                    case(f"grid {shape} {mode} {padding} {corners}", "GridSample", opset,
                         {"mode": mode if opset == 16 else names[mode], "padding_mode": padding, "align_corners": corners},
                         [x(shape), "floats " + " ".join(map(str, points)) + " : " + " ".join("%.9g" % a for a in grid.flatten().tolist())],
                         F.grid_sample(v, grid, mode, padding, bool(corners)))
    for size in ((2, 3, 4, 5), (1, 1, 2, 3, 4)):
        theta = (size[0], len(size) - 2, len(size) - 1)
        for corners in (0, 1):
            case(f"affine grid {size} {corners}", "AffineGrid", 20, {"align_corners": corners}, [x(theta), sizes(size)],
                 F.affine_grid(made(theta, 0), size, bool(corners)))


def regions():
    from torchvision.ops import roi_align, roi_pool
    v = made((2, 2, 8, 9), 0)
    boxes = torch.tensor([[0, 1.2, 0.7, 6.9, 5.1], [1, 0.0, 0.0, 17.0, 15.0], [0, 3.0, 2.0, 3.5, 2.5], [1, 10.0, 4.0, 16.0, 20.0]])
    rois = "floats 4 4 : " + " ".join("%.9g" % a for a in boxes[:, 1:].flatten().tolist())
    index = "longs 4 : " + " ".join(str(int(a)) for a in boxes[:, 0].tolist())
    for aligned in (False, True):
        for sampling_ratio in (0, 2):
            attributes = {"output_height": 3, "output_width": 4, "spatial_scale": 0.5, "sampling_ratio": sampling_ratio,
                          "coordinate_transformation_mode": "half_pixel" if aligned else "output_half_pixel"}
            case(f"roi align {aligned} {sampling_ratio}", "RoiAlign", 16, attributes, [x((2, 2, 8, 9)), rois, index],
                 roi_align(v, boxes, (3, 4), 0.5, sampling_ratio, aligned))
    case("roi pool", "MaxRoiPool", 1, {"pooled_shape": [3, 2], "spatial_scale": 0.5},
         [x((2, 2, 8, 9)), "floats 4 5 : " + " ".join("%.9g" % a for a in boxes.flatten().tolist())], roi_pool(v, boxes, (3, 2), 0.5))


resizing()
pooling()
sampling()
regions()
target = pathlib.Path(__file__).parents[2] / "engine/src/test/resources/spatial.txt"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text("\n".join(lines) + "\n")
print(target.stat().st_size, "bytes,", sum(line.startswith("case") for line in lines), "cases")
