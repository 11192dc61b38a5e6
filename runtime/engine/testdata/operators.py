"""Computes operators and their gradients with PyTorch in double precision and writes them to operators.json.

Run: python3 operators.py (Debian python3-torch 1.13.1, numpy 1.24.2)

Each case is a use of an ONNX operator; its loss is the sum of all outputs, each multiplied by `weights`.
"""
import json
import os

import numpy as np
import torch
from torch.nn import functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
random = np.random.default_rng(11)


def rounded(tensor):
    return [float(f"{x:.13g}") for x in tensor.detach().numpy().ravel()]


def real(*shape, low=-2.0, high=2.0, away=0.0):
    numbers = random.uniform(low, high, shape).round(6)
    return np.where(np.abs(numbers) < away, np.copysign(away, numbers), numbers)


def attribute(value):
    if isinstance(value, str):
        return {"kind": "string", "value": value}
    if isinstance(value, (list, tuple)):
        return {"kind": "ints", "value": list(value)}
    return {"kind": "int" if isinstance(value, int) else "float", "value": value}


cases = {}


def case(title, function, inputs, attributes=None, whole=(), training=False):
    """`inputs` get gradients; `whole` are constant whole numbers by their place among the inputs of the operator."""
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    outputs = function(*tensors)
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    weights = [torch.tensor(real(*y.shape, low=-1, high=1)) for y in outputs]
    sum((y * w).sum() for y, w in zip(outputs, weights)).backward()
    cases[title] = {
        "op": title.split(" ")[0],
        "attributes": {k: attribute(v) for k, v in (attributes or {}).items()},
        "inputs": [{"shape": list(t.shape), "data": rounded(t)} for t in tensors],
        "whole": [{"place": p, "shape": list(np.shape(v)), "data": np.asarray(v).ravel().tolist()} for p, v in whole],
        "outputs": [{"shape": list(y.shape), "data": rounded(y), "weights": rounded(w)}
                    for y, w in zip(outputs, weights)],
        "gradients": [None if t.grad is None else rounded(t.grad) for t in tensors],
    }


# elementwise
case("Add", torch.add, [real(2, 3), real(3)])
case("Sub", torch.sub, [real(2, 1), real(2, 3)])
case("Mul", torch.mul, [real(2, 3), real(2, 1)])
case("Div", torch.div, [real(2, 3), real(3, away=0.5)])
case("Neg", torch.neg, [real(4)])
case("Abs", torch.abs, [real(5)])
case("Reciprocal", torch.reciprocal, [real(5, away=0.3)])
case("Pow", torch.pow, [real(2, 3, low=0.2), real(3)])
case("Sqrt", torch.sqrt, [real(5, low=0.1)])
case("Exp", torch.exp, [real(5)])
case("Log", torch.log, [real(5, low=0.1)])
case("Erf", torch.erf, [real(7)])
case("Tanh", torch.tanh, [real(5)])
case("Sigmoid", torch.sigmoid, [real(5)])
case("Relu", F.relu, [np.array([-1.5, 0.0, 2.0, -0.1, 0.3])])
case("LeakyRelu", lambda x: F.leaky_relu(x, 0.2), [np.array([-1.5, 0.0, 2.0, -0.1])], {"alpha": 0.2})
case("LeakyRelu default", lambda x: F.leaky_relu(x, 0.01), [real(5)])
case("Elu", lambda x: F.elu(x, 1.5), [np.array([-1.5, 2.0, -0.1, 0.3])], {"alpha": 1.5})
case("Elu default", F.elu, [real(5)])
case("Softplus", F.softplus, [real(5)])
case("Gelu", F.gelu, [real(9)])
case("Gelu tanh", lambda x: F.gelu(x, approximate="tanh"), [real(9)], {"approximate": "tanh"})
case("HardSigmoid", lambda x: torch.clamp(x / 6 + 0.5, 0, 1), [real(6, low=-5, high=5)], {"alpha": 1 / 6, "beta": 0.5})
case("Clip", lambda x, a, b: torch.clamp(x, -0.7, 0.9), [np.array([-1.5, -0.7, 0.2, 0.9, 1.3]), -0.7, 0.9])
case("Min", torch.minimum, [real(2, 3), real(3)])
case("Max", torch.maximum, [np.array([1.0, -1.0, 0.5]), np.array([1.0, 2.0, 0.25])])
case("Where", lambda a, b: torch.where(torch.tensor([True, False, True]), a, b), [real(2, 3), real(3)],
     whole=[(0, [1, 0, 1])])
case("Sin", torch.sin, [real(5)])
case("Cos", torch.cos, [real(5)])
case("PRelu", lambda x, s: torch.where(x > 0, x, x * s), [real(2, 3, 2, away=0.1), real(3, 1)])
case("Softsign", F.softsign, [real(5, away=0.1)])
case("Selu", F.selu, [real(5, away=0.1)], {"alpha": 1.6732632423543772848170429916717, "gamma": 1.0507009873554804934193349852946})
case("Mish", F.mish, [real(5)])
case("HardSwish", F.hardswish, [real(6, low=-5, high=5)])

# linear algebra
case("MatMul", torch.matmul, [real(3, 4), real(4, 2)])
case("MatMul stacks", torch.matmul, [real(2, 1, 3, 4), real(3, 4, 2)])
case("MatMul vector left", torch.matmul, [real(4), real(2, 4, 3)])
case("MatMul vector right", torch.matmul, [real(2, 3, 4), real(4)])
case("MatMul vectors", torch.matmul, [real(4), real(4)])
case("Gemm", lambda a, b, c: torch.addmm(c, a.T, b.T, beta=0.5, alpha=2.0), [real(4, 3), real(2, 4), real(2)],
     {"transA": 1, "transB": 1, "alpha": 2.0, "beta": 0.5})
case("Gemm plain", lambda a, b: a @ b, [real(3, 4), real(4, 2)])
case("Einsum scores", lambda a, b: torch.einsum("bhid,bhjd->bhij", a, b), [real(2, 2, 3, 4), real(2, 2, 2, 4)],
     {"equation": "bhid,bhjd->bhij"})
case("Einsum three", lambda a, b, c: torch.einsum("ab,bc,dc->ad", a, b, c), [real(2, 3), real(3, 2), real(4, 2)],
     {"equation": "ab,bc,dc->ad"})
case("Einsum outer", lambda a, b: torch.einsum("i,j", a, b), [real(3), real(2)], {"equation": "i,j"})
case("Einsum ellipsis", lambda a, b: torch.einsum("...ij,...jk->...ik", a, b), [real(2, 1, 2, 3), real(2, 3, 2)],
     {"equation": "...ij,...jk->...ik"})
case("Einsum ellipsis implicit", lambda a, b: torch.einsum("b...i,ij", a, b), [real(2, 3, 2), real(2, 3)],
     {"equation": "b...i,ij"})
case("Einsum diagonal", lambda a: torch.einsum("bii->bi", a), [real(2, 3, 3)], {"equation": "bii->bi"})
case("Einsum trace", lambda a: torch.einsum("ii", a), [real(3, 3)], {"equation": "ii"})

# movement
case("Reshape", lambda x: x.reshape(2, 2, 6), [real(2, 3, 4)], whole=[(1, [0, 2, -1])])
case("Flatten", lambda x: x.flatten(1), [real(2, 3, 2)])
case("Transpose", lambda x: x.permute(2, 0, 1), [real(2, 3, 4)], {"perm": [2, 0, 1]})
case("Squeeze", lambda x: x.squeeze(2), [real(1, 3, 1, 2)], whole=[(1, [-2])])
case("Unsqueeze", lambda x: x[None, :, :, None], [real(3, 2)], whole=[(1, [0, -1])])
case("Expand", lambda x: x.expand(4, 2, 3), [real(2, 1)], whole=[(1, [4, 1, 3])])
case("Concat", lambda *parts: torch.cat(parts, 1), [real(2, 1, 2), real(2, 3, 2), real(2, 2, 2)], {"axis": 1})
case("Split", lambda x: torch.split(x, [1, 2, 2], 1), [real(2, 5)], {"axis": 1}, whole=[(1, [1, 2, 2])])
case("Slice", lambda x: x[:, 1:4:2], [real(2, 5, 2)], whole=[(1, [1]), (2, [4]), (3, [1]), (4, [2])])
case("Slice backwards", lambda x: x.flip(1)[:, ::2], [real(2, 5)], whole=[(1, [-1]), (2, [-99]), (3, [1]), (4, [-2])])
case("Gather", lambda x: F.embedding(torch.tensor([[0, 4], [4, 2]]), x), [real(5, 3)], whole=[(1, [[0, -1], [4, 2]])])
case("Gather column", lambda x: x[:, 1], [real(2, 3, 2)], {"axis": 1}, whole=[(1, 1)])
case("GatherElements", lambda x: torch.gather(x, 0, torch.tensor([[0, 2], [2, 0]])), [real(3, 2)],
     {"axis": 0}, whole=[(1, [[0, -1], [2, 0]])])
case("Pad", lambda x: F.pad(x, (0, 1, 1, 2)), [real(2, 3)], whole=[(1, [1, 0, 2, 1])])
case("Pad reflect", lambda x: F.pad(x, (2, 1), mode="reflect"), [real(2, 2, 4)], {"mode": "reflect"},
     whole=[(1, [0, 0, 2, 0, 0, 1])])
case("Pad edge", lambda x: F.pad(x, (2, 1), mode="replicate"), [real(2, 2, 3)], {"mode": "edge"},
     whole=[(1, [0, 0, 2, 0, 0, 1])])
case("Tile", lambda x: x.repeat(2, 3), [real(2, 2)], whole=[(1, [2, 3])])
case("Cast", lambda x: x.double(), [real(3)], {"to": 11})
case("Identity", lambda x: x.clone(), [real(3)])
case("CumSum", lambda x: torch.cumsum(x, 1), [real(2, 4)], whole=[(1, 1)])
case("CumSum reverse exclusive", lambda x: (x.flip(0).cumsum(0) - x.flip(0)).flip(0), [real(4, 2)],
     {"exclusive": 1, "reverse": 1}, whole=[(1, 0)])
case("Trilu", lambda x: torch.tril(x, 1), [real(2, 3, 4)], {"upper": 0}, whole=[(1, 1)])
case("Trilu upper", torch.triu, [real(3, 3)])

# reductions
for op, function in {
    "ReduceSum": lambda x, **k: x.sum(1, **k),
    "ReduceMean": lambda x, **k: x.mean(1, **k),
    "ReduceMax": lambda x, **k: x.amax(1, **k),
    "ReduceMin": lambda x, **k: x.amin(1, **k),
    "ReduceL1": lambda x, **k: x.norm(1, 1, **k),
    "ReduceL2": lambda x, **k: x.norm(2, 1, **k),
    "ReduceLogSumExp": lambda x, **k: x.logsumexp(1, **k),
    "ReduceSumSquare": lambda x, **k: (x * x).sum(1, **k),
}.items():
    case(op, lambda x, f=function: f(x, keepdim=False), [real(2, 3, 2)], {"keepdims": 0}, whole=[(1, [1])])
    case(f"{op} kept", lambda x, f=function: f(x, keepdim=True), [real(2, 3)], whole=[(1, [-1])])
case("ReduceMax tied", lambda x: x.amax(0), [np.array([3.0, 1.0, 3.0])], {"keepdims": 0})

# normalisation
case("LayerNormalization", lambda x, w, b: F.layer_norm(x, (4,), w, b, 1e-5), [real(2, 3, 4), real(4), real(4)])
case("LayerNormalization axes", lambda x, w, b: F.layer_norm(x, (3, 4), w, b, 0.01),
     [real(2, 3, 4), real(3, 4), real(3, 4)], {"axis": 1, "epsilon": 0.01})
mean, variance = torch.tensor([0.1, -0.2, 0.3]), torch.tensor([0.5, 1.0, 2.0])
case("BatchNormalization", lambda x, w, b, m, v: F.batch_norm(x, m.detach(), v.detach(), w, b, False) + 0 * (m.sum() + v.sum()),
     [real(2, 3, 2), real(3), real(3), mean.numpy(), variance.numpy()])
case("RMSNormalization", lambda x, w: x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * w, [real(2, 4), real(4)])
case("InstanceNormalization", lambda x, w, b: F.instance_norm(x, weight=w, bias=b), [real(2, 3, 4), real(3), real(3)])
case("GroupNormalization", lambda x, w, b: F.group_norm(x, 2, w, b), [real(2, 4, 3), real(4), real(4)], {"num_groups": 2})
case("Softmax", lambda x: F.softmax(x, 1), [real(2, 3, 2)], {"axis": 1})
case("LogSoftmax", lambda x: F.log_softmax(x, -1), [real(2, 3)])

# windows
case("Conv 1-D", lambda x, w, b: F.conv1d(x, w, b, 2, 1, 2), [real(2, 3, 9), real(4, 3, 3), real(4)],
     {"strides": [2], "pads": [1, 1], "dilations": [2]})
case("Conv 2-D in groups", lambda x, w, b: F.conv2d(x, w, b, (2, 1), (1, 0), (1, 2), 2),
     [real(2, 4, 5, 6), real(6, 2, 3, 2), real(6)],
     {"strides": [2, 1], "pads": [1, 0, 1, 0], "dilations": [1, 2], "group": 2})
case("Conv depthwise", lambda x, w: F.conv2d(x, w, groups=3), [real(1, 3, 4, 4), real(3, 1, 2, 2)], {"group": 3})
case("MaxPool 1-D", lambda x: F.max_pool1d(x, 3, 2, 1), [real(2, 2, 7)], {"kernel_shape": [3], "strides": [2], "pads": [1, 1]})
case("MaxPool 2-D", lambda x: F.max_pool2d(x, (2, 3), (1, 2), dilation=(2, 1), ceil_mode=True), [real(1, 2, 5, 6)],
     {"kernel_shape": [2, 3], "strides": [1, 2], "dilations": [2, 1], "ceil_mode": 1})
case("MaxPool tied", lambda x: F.max_pool1d(x, 2, 1), [np.array([[[1.0, 1.0, 1.0, 0.5]]])], {"kernel_shape": [2]})
case("AveragePool 1-D", lambda x: F.avg_pool1d(x, 3, 2, 1), [real(2, 2, 7)],
     {"kernel_shape": [3], "strides": [2], "pads": [1, 1], "count_include_pad": 1})
case("AveragePool 2-D", lambda x: F.avg_pool2d(x, (3, 2), (2, 1), (1, 0), ceil_mode=True, count_include_pad=False),
     [real(1, 2, 6, 4)],
     {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 1, 0], "ceil_mode": 1, "count_include_pad": 0})
case("AveragePool in ceil mode with padding", lambda x: F.avg_pool1d(x, 3, 2, 1, ceil_mode=True), [real(1, 2, 6)],
     {"kernel_shape": [3], "strides": [2], "pads": [1, 1], "ceil_mode": 1, "count_include_pad": 1})
case("GlobalAveragePool", lambda x: F.adaptive_avg_pool2d(x, 1), [real(2, 3, 2, 4)])
case("GlobalMaxPool", lambda x: F.adaptive_max_pool1d(x, 1), [real(2, 3, 5)])


def batch_norm_in_training(shape):
    """Batch statistics in, running statistics out: what PyTorch keeps of the old ones is `momentum` to ONNX."""
    x, w, b = [torch.tensor(v, requires_grad=True) for v in (real(*shape), real(3), real(3))]
    running = [torch.tensor([0.1, -0.2, 0.3]), torch.tensor([0.5, 1.0, 2.0])]
    start = [rounded(r) for r in running]
    y = F.batch_norm(x, *running, w, b, training=True, momentum=0.2, eps=1e-3)
    weights = torch.tensor(real(*y.shape, low=-1, high=1))
    (y * weights).sum().backward()
    return {
        "inputs": [{"shape": list(t.shape), "data": rounded(t)} for t in (x, w, b)],
        "running": start,
        "y": rounded(y),
        "weights": rounded(weights),
        "gradients": [rounded(t.grad) for t in (x, w, b)],
        "after": [rounded(r) for r in running],
    }


training = [batch_norm_in_training(shape) for shape in [(4, 3), (2, 3, 4), (2, 3, 2, 2)]]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "operators.json"), "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases, "batch_norm_in_training": training}, file)
    file.write("\n")
