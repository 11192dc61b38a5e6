"""Measures one case with PyTorch: python3 pytorch.py CASE_AS_JSON FOLDER. Prints one JSON line, as ours.ts does."""
import json
import math
import struct
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
WARM_UP = 2
case, folder = json.loads(sys.argv[1]), sys.argv[2]
architecture = case["architecture"]
batch, length, classes = case["batch"], case["length"], case["classes"]


def load(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    start = {n: torch.frombuffer(data, dtype=torch.float32, offset=e["data_offsets"][0],
                                 count=math.prod(e["shape"])).reshape(e["shape"]).clone()
             for n, e in header.items() if n != "__metadata__"}
    return start


def counted(count, iteration):
    return (7919 * np.arange(count, dtype=np.int64) + 13 * iteration) % 1009


state = {n: nn.Parameter(t) for n, t in load(f"{folder}/weights.safetensors").items()}


def linear(name, x):
    return F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])


def norm(name, x):
    return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"], 1e-12)


def mlp(iteration):
    count = len(architecture["hidden"])
    x = torch.tensor(counted(batch * case["features"], iteration).astype(np.float32) / np.float32(504.5) - 1)
    x = x.reshape(batch, -1)
    for i in range(count):
        x = F.relu(torch.addmm(state[f"hidden_{i + 1}.bias"], x, state[f"hidden_{i + 1}.weight"]))
    return torch.addmm(state["output.bias"], x, state["output.weight"])


def encoder(iteration):
    hidden, heads, frozen = architecture["hidden"], architecture["heads"], first_trained()
    ids = torch.tensor(counted(batch * length, iteration)).reshape(batch, length)
    mask = torch.ones(batch, length)
    bias = (1.0 - mask[:, None, None, :]) * -10000.0

    def split(t):
        return t.view(batch, length, heads, hidden // heads).transpose(1, 2)

    x = F.embedding(ids, state["embeddings.word_embeddings.weight"])
    x = x + state["embeddings.position_embeddings.weight"][:length] + state["embeddings.token_type_embeddings.weight"][0]
    x = norm("embeddings.LayerNorm", x)
    for i in range(architecture["layers"]):
        p = f"encoder.layer.{i}."
        q, k, v = (split(linear(f"{p}attention.self.{n}", x)) for n in ("query", "key", "value"))
        shares = F.softmax(q @ k.transpose(-1, -2) / math.sqrt(hidden // heads) + bias, -1)
        mixed = (shares @ v).transpose(1, 2).reshape(batch, length, hidden)
        x = norm(f"{p}attention.output.LayerNorm", linear(f"{p}attention.output.dense", mixed) + x)
        inner = F.gelu(linear(f"{p}intermediate.dense", x))
        x = norm(f"{p}output.LayerNorm", linear(f"{p}output.dense", inner) + x)
    return linear("classifier", torch.tanh(linear("pooler.dense", x[:, 0])))


def first_trained():
    layers = case.get("unfrozenLayers")
    return 0 if layers is None else architecture["layers"] - layers


def trained(name):
    if "unfrozenLayers" not in case or name.startswith(("pooler", "classifier")):
        return True
    return name.startswith("encoder.layer.") and int(name.split(".")[2]) >= first_trained()


for name, weight in state.items():
    weight.requires_grad = trained(name)
weights = [w for w in state.values() if w.requires_grad]
optimizer = torch.optim.AdamW([
    {"params": [w for w in weights if w.ndim >= 2], "weight_decay": 0.01},
    {"params": [w for w in weights if w.ndim < 2], "weight_decay": 0.0},
], lr=1e-4)
losses, milliseconds = [], []
for iteration in range(WARM_UP + case["iterations"]):
    targets = torch.tensor(counted(batch, iteration) % classes)
    before = time.process_time()
    loss = F.cross_entropy((mlp if architecture["kind"] == "mlp" else encoder)(iteration), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(float(loss))
    if iteration >= WARM_UP:
        milliseconds.append((time.process_time() - before) * 1000)
with open("/proc/self/status") as file:
    peak = int(next(line for line in file if line.startswith("VmHWM")).split()[1])
print(json.dumps({"losses": losses, "milliseconds": milliseconds, "peakKilobytes": peak}))
