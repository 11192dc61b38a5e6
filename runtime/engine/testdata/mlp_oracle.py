"""Trains a small multi-layer perceptron with PyTorch and writes what it saw to mlp_oracle.json.

Run: python3 mlp_oracle.py (Debian python3-torch 1.13.1, numpy 1.24.2)
"""
import json
import os

import numpy as np
import torch

torch.set_num_threads(1)
FEATURES, HIDDEN, CLASSES, BATCH, ITERATIONS = 5, [8, 6], 4, 6, 20


def rounded(tensor):
    return [float(x) for x in tensor.detach().numpy().astype(np.float32).ravel()]


def train(activation, make_optimizer, label_smoothing, rate_at):
    random = np.random.default_rng(5)
    widths = [FEATURES, *HIDDEN, CLASSES]
    names, weights = [], []
    for layer in range(1, len(widths)):
        name = "output" if layer == len(widths) - 1 else f"hidden_{layer}"
        shape = (widths[layer - 1], widths[layer])
        for part, dims in (("weight", shape), ("bias", shape[1:])):
            names.append(f"{name}.{part}")
            weights.append(torch.tensor(random.normal(0, 0.5, dims).astype(np.float32), requires_grad=True))
    start = {name: rounded(w) for name, w in zip(names, weights)}
    optimizer = make_optimizer(weights)
    iterations = []
    for i in range(ITERATIONS):
        x = torch.tensor(random.normal(0, 1, (BATCH, FEATURES)).astype(np.float32))
        y = torch.tensor(random.integers(0, CLASSES, BATCH))
        value = x
        for k in range(0, len(weights) - 2, 2):
            value = activation(value @ weights[k] + weights[k + 1])
        logits = value @ weights[-2] + weights[-1]
        loss = torch.nn.functional.cross_entropy(logits, y, label_smoothing=label_smoothing)
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = rate_at(i + 1)
        iterations.append({
            "features": rounded(x),
            "targets": [int(t) for t in y],
            "loss": float(loss),
            "learning_rate": rate_at(i + 1),
            "gradients": {name: rounded(w.grad) for name, w in zip(names, weights)},
        })
        optimizer.step()
    return {"start": start, "iterations": iterations, "end": {n: rounded(w) for n, w in zip(names, weights)}}


def adamw(weights):
    matrices = [w for w in weights if w.ndim >= 2]
    others = [w for w in weights if w.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.01)


def sgd(weights):
    return torch.optim.SGD(weights, lr=0.1, momentum=0.9)


def cosine(iteration, peak=0.1, warmup=5):
    if iteration <= warmup:
        return peak * iteration / warmup
    return peak * (1 + np.cos(np.pi * (iteration - 1 - warmup) / (ITERATIONS - warmup))) / 2


cases = {
    "adamw": {
        "activation": "gelu",
        "options": {
            "loss": {"kind": "cross-entropy"},
            "optimizer": {"kind": "adamw", "learningRate": 0.01, "weightDecay": 0.1},
        },
        **train(torch.nn.functional.gelu, adamw, 0.0, lambda i: 0.01),
    },
    "sgd": {
        "activation": "relu",
        "options": {
            "loss": {"kind": "cross-entropy", "labelSmoothing": 0.1},
            "optimizer": {"kind": "sgd", "learningRate": 0.1, "momentum": 0.9},
            "schedule": {"kind": "cosine", "warmup": 5, "totalIterations": ITERATIONS},
        },
        **train(torch.relu, sgd, 0.1, cosine),
    },
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mlp_oracle.json")
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "features": FEATURES, "hidden": HIDDEN, "classes": CLASSES, "cases": cases}, file)
    file.write("\n")
