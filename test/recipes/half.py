"""float16 copies of exported networks, as people store pipelines: weights, inputs and outputs in float16, the timestep's sines and
cosines, whose arguments are too large for it, in float32.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TIME = {"Cast", "Unsqueeze", "Mul", "Cos", "Sin", "Concat", "Expand", "Shape", "Gather", "ConstantOfShape", "Where", "Equal"}


def halved(t):
    if t.data_type == TensorProto.FLOAT:
        t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float16), t.name))


def to_half(model, timestep=None):
    """In place; what is computed from the input `timestep` by the operators above stays float32 up to the first other one."""
    graph = model.graph
    island, values = [], {timestep}
    for n in graph.node:
        if timestep and n.op_type in TIME and any(i in values for i in n.input):
            island.append(n)
            values.update(n.output)
    kept = {i for n in island for i in n.input}
    nodes, cast = [], {}
    for n in graph.node:
        if n in island:
            nodes.append(n)
            continue
        for k, name in enumerate(n.input):
            if name in values and name != timestep:
                if name not in cast:
                    cast[name] = name + "_half"
                    nodes.append(helper.make_node("Cast", [name], [cast[name]], to=TensorProto.FLOAT16))
                n.input[k] = cast[name]
        if not (n.op_type == "Constant" and n.output[0] in kept):
            for a in n.attribute:
                if a.type == onnx.AttributeProto.TENSOR:
                    halved(a.t)
                if n.op_type == "Cast" and a.name == "to" and a.i == TensorProto.FLOAT:
                    a.i = TensorProto.FLOAT16
        nodes.append(n)
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    for t in graph.initializer:
        if t.name not in kept:
            halved(t)
    for v in [*graph.input, *graph.output]:
        if v.name != timestep and v.type.tensor_type.elem_type == TensorProto.FLOAT:
            v.type.tensor_type.elem_type = TensorProto.FLOAT16
    return model
