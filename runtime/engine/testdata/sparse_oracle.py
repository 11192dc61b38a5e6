"""Trains a bag of embeddings with PyTorch's sparse optimizers and writes what it saw to sparse_oracle.json.

PyTorch adds epsilon at another place in SparseAdam than in Adam, so it is made too small to count.

Run: python3 sparse_oracle.py (Debian python3-torch 1.13.1, numpy 1.24.2)
"""
import json
import os

import numpy as np
import torch
from torch.nn import functional as F

torch.set_num_threads(1)
ROWS, WIDTH, CLASSES, BATCH, LENGTH, ITERATIONS = 12, 5, 3, 4, 3, 6


def flat(array):
    return [float(x) for x in np.asarray(array, dtype=np.float32).ravel()]


def train(options, make_optimizers, decay=0.0):
    random = np.random.default_rng(3)
    table = torch.tensor(random.normal(0, 0.5, (ROWS, WIDTH)).astype(np.float32), requires_grad=True)
    head = torch.tensor(random.normal(0, 0.5, (WIDTH, CLASSES)).astype(np.float32), requires_grad=True)
    start = {"table": flat(table.detach()), "head": flat(head.detach())}
    optimizers = make_optimizers(table, head)
    iterations = []
    for _ in range(ITERATIONS):
        ids = random.integers(0, ROWS // 2, (BATCH, LENGTH))  # half of the rows are never looked up
        targets = random.integers(0, CLASSES, BATCH)
        rows = F.embedding(torch.tensor(ids), table, sparse=True)
        loss = F.cross_entropy(rows.mean(1) @ head, torch.tensor(targets))
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        if decay:  # decoupled, as AdamW has it, but of the rows that are looked up
            with torch.no_grad():
                seen = torch.tensor(np.unique(ids))
                table[seen] *= 1 - decay * optimizers[0].param_groups[0]["lr"]
        for optimizer in optimizers:
            optimizer.step()
        iterations.append({"ids": [int(x) for x in ids.ravel()], "targets": [int(x) for x in targets],
                           "loss": float(loss)})
    return {"options": options, "start": start, "iterations": iterations,
            "end": {"table": flat(table.detach()), "head": flat(head.detach())}}


loss = {"kind": "cross-entropy"}
cases = {
    "sparse adam": train(
        {"loss": loss, "optimizer": {"kind": "adam", "learningRate": 0.05, "epsilon": 1e-12}, "sparseEmbeddings": True},
        lambda t, h: [torch.optim.SparseAdam([t], lr=0.05, eps=1e-12), torch.optim.Adam([h], lr=0.05, eps=1e-12)]),
    "sparse adamw": train(
        {"loss": loss, "optimizer": {"kind": "adamw", "learningRate": 0.05, "weightDecay": 0.3, "epsilon": 1e-12}, "sparseEmbeddings": True},
        lambda t, h: [torch.optim.SparseAdam([t], lr=0.05, eps=1e-12), torch.optim.AdamW([h], lr=0.05, weight_decay=0.3, eps=1e-12)],
        decay=0.3),
    "sparse adagrad": train(
        {"loss": loss, "optimizer": {"kind": "adagrad", "learningRate": 0.3}, "sparseEmbeddings": True},
        lambda t, h: [torch.optim.Adagrad([t], lr=0.3), torch.optim.Adagrad([h], lr=0.3)]),
    "dense adagrad, which is the same": train(
        {"loss": loss, "optimizer": {"kind": "adagrad", "learningRate": 0.3}},
        lambda t, h: [torch.optim.Adagrad([t], lr=0.3), torch.optim.Adagrad([h], lr=0.3)]),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sparse_oracle.json")
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "rows": ROWS, "width": WIDTH, "classes": CLASSES, "batch": BATCH,
               "length": LENGTH, "cases": cases}, file)
    file.write("\n")
