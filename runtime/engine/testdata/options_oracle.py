"""Trains a linear model with PyTorch under many options and writes what it saw to options_oracle.json.

Run: python3 options_oracle.py (Debian python3-torch 1.13.1, numpy 1.24.2)
"""
import json
import os

import numpy as np
import torch
from torch.nn import functional as F

torch.set_num_threads(1)
FEATURES, OUTPUTS, BATCH, ITERATIONS = 4, 3, 6, 8


def flat(array):
    return [float(x) for x in np.asarray(array, dtype=np.float32).ravel()]


def train(options, loss_of, targets_of, make_optimizer, schedule=None, clip=None, decay=None, parts=1):
    random = np.random.default_rng(9)
    w = torch.tensor(random.normal(0, 0.5, (FEATURES, OUTPUTS)).astype(np.float32), requires_grad=True)
    b = torch.tensor(random.normal(0, 0.5, OUTPUTS).astype(np.float32), requires_grad=True)
    start = {"output.weight": flat(w.detach()), "output.bias": flat(b.detach())}
    optimizer = make_optimizer(w, b)
    scheduler = schedule(optimizer) if schedule else None
    average = None
    iterations = []
    for _ in range(ITERATIONS):
        batches = []
        for _ in range(parts):
            x = random.normal(0, 1, (BATCH, FEATURES)).astype(np.float32)
            batches.append((x, targets_of(random)))
        x = torch.tensor(np.concatenate([x for x, _ in batches]))
        y = torch.tensor(np.concatenate([y for _, y in batches]))
        loss = loss_of(x @ w + b, y)
        optimizer.zero_grad()
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        rate = optimizer.param_groups[0]["lr"]
        optimizer.step()
        if scheduler:
            scheduler.step()
        if decay is not None:
            new = [w.detach().clone(), b.detach().clone()]
            average = new if average is None else [decay * a + (1 - decay) * n for a, n in zip(average, new)]
        iterations.append({
            "batches": [{"features": flat(x), "targets": flat(y)} for x, y in batches],
            "loss": float(loss),
            "learning_rate": rate,
        })
    end = average or [w.detach(), b.detach()]
    return {"options": options, "start": start, "iterations": iterations,
            "end": {"output.weight": flat(end[0]), "output.bias": flat(end[1])}}


def class_ids(random):
    return random.integers(0, OUTPUTS, BATCH)


def some_ignored(random):
    ids = random.integers(0, OUTPUTS, BATCH)
    ids[random.integers(0, BATCH)] = -100
    return ids


def binary(random):
    return random.integers(0, 2, (BATCH, OUTPUTS)).astype(np.float32)


def numbers(random):
    return random.normal(0, 2, (BATCH, OUTPUTS)).astype(np.float32)


weights = [0.5, 1.0, 3.0]
cases = {
    "adam, weighted and smoothed cross-entropy with ignored examples": train(
        {"loss": {"kind": "cross-entropy", "labelSmoothing": 0.2, "classWeights": weights, "ignoreIndex": -100},
         "optimizer": {"kind": "adam", "learningRate": 0.05, "weightDecay": 0.1}},
        lambda z, y: F.cross_entropy(z, y, weight=torch.tensor(weights), label_smoothing=0.2, ignore_index=-100),
        some_ignored,
        lambda w, b: torch.optim.Adam([w, b], lr=0.05, weight_decay=0.1)),
    "rmsprop, binary cross-entropy": train(
        {"loss": {"kind": "binary-cross-entropy"}, "optimizer": {"kind": "rmsprop", "learningRate": 0.02, "alpha": 0.9}},
        F.binary_cross_entropy_with_logits, binary,
        lambda w, b: torch.optim.RMSprop([w, b], lr=0.02, alpha=0.9)),
    "adagrad, mean squared error, of two batches": train(
        {"loss": {"kind": "mean-squared-error"}, "optimizer": {"kind": "adagrad", "learningRate": 0.3}},
        F.mse_loss, numbers, lambda w, b: torch.optim.Adagrad([w, b], lr=0.3), parts=2),
    "sgd, huber, one-cycle, clipped": train(
        {"loss": {"kind": "huber", "delta": 0.7},
         "optimizer": {"kind": "sgd", "learningRate": 0.5, "momentum": 0.8},
         "schedule": {"kind": "one-cycle", "totalIterations": ITERATIONS}, "clipNorm": 0.2},
        lambda z, y: F.huber_loss(z, y, delta=0.7), numbers,
        lambda w, b: torch.optim.SGD([w, b], lr=0.5, momentum=0.8),
        schedule=lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=ITERATIONS, cycle_momentum=False),
        clip=0.2),
    "sgd, a slower group, two batches, averaged, clipped": train(
        {"loss": {"kind": "cross-entropy"}, "optimizer": {"kind": "sgd", "learningRate": 0.5},
         "groups": [{"weights": ["*.bias"], "learningRateFactor": 0.1}], "averageDecay": 0.7, "clipNorm": 0.3},
        F.cross_entropy, class_ids,
        lambda w, b: torch.optim.SGD([{"params": [w]}, {"params": [b], "lr": 0.05}], lr=0.5),
        decay=0.7, parts=2, clip=0.3),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "options_oracle.json")
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "features": FEATURES, "outputs": OUTPUTS, "batch": BATCH, "cases": cases}, file)
    file.write("\n")
