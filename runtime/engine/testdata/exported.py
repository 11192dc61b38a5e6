"""Exports small classifiers as ONNX files with PyTorch's exporter, and writes what PyTorch sees when it trains them.

Run: python3 exported.py (Debian python3-torch 1.13.1, numpy 1.24.2). Writes exported/*.onnx and exported.json.
Numbers are base64 of little-endian float32.
"""
import base64
import json
import math
import os
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY, CLASSES, WIDTH, HEADS = 20, 3, 8, 2


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x, bias):
        batch, length, _ = x.shape

        def split(t):
            return t.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + bias
        mixed = (F.softmax(scores, dim=-1) @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        return self.out(mixed)


class Block(nn.Module):
    def __init__(self, before):
        super().__init__()
        self.before = before
        self.attention = Attention()
        self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x, bias):
        if self.before:
            x = x + self.attention(self.first(x), bias)
            return x + self.down(F.gelu(self.up(self.second(x))))
        x = self.first(x + self.attention(x, bias))
        return self.second(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """BERT-like: post-norm, or pre-norm, or one block used twice (ALBERT), or without token types (DistilBERT)."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.words, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(16, WIDTH)
        if kind != "distilbert":
            self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.blocks = nn.ModuleList([Block(kind == "prenorm") for _ in range(1 if kind == "albert" else 2)])
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, input_ids, attention_mask):
        length = input_ids.shape[1]
        x = self.words(input_ids) + self.positions(torch.arange(length).unsqueeze(0))
        if self.kind != "distilbert":
            x = x + self.types(torch.zeros_like(input_ids))
        x = self.norm(x)
        if self.kind == "distilbert":
            hidden = (attention_mask == 0).view(-1, 1, 1, length)
            bias = torch.zeros(hidden.shape).masked_fill(hidden, -1e4)
        else:
            bias = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -10000.0
        for block in list(self.blocks) * (2 if self.kind == "albert" else 1):
            x = block(x, bias)
        first = x[:, 0]
        pooled = F.relu(self.pooler(first)) if self.kind == "distilbert" else torch.tanh(self.pooler(first))
        return self.classifier(pooled)


class TextCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.convolutions = nn.ModuleList([nn.Conv1d(WIDTH, 4, k, padding=k // 2) for k in (2, 3)])
        self.classifier = nn.Linear(8, CLASSES)

    def forward(self, input_ids):
        x = self.words(input_ids).transpose(1, 2)
        parts = [F.relu(c(x)).max(dim=2).values for c in self.convolutions]
        return self.classifier(torch.cat(parts, dim=1))


class ImageCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
        self.last = nn.BatchNorm1d(6)
        self.classifier = nn.Linear(6, CLASSES)

    def forward(self, image):
        x = F.max_pool2d(F.relu(self.norm(self.first(image))), 2)
        x = F.avg_pool2d(F.leaky_relu(self.second(x), 0.1), 2, stride=1, padding=1, count_include_pad=False)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.classifier(self.last(x))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(5, 8), nn.ELU(), nn.Linear(8, 6), nn.Softplus(), nn.Linear(6, CLASSES))

    def forward(self, features):
        return self.layers(features)


def encode(tensor):
    return base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()


def ids(random, batch):
    length = int(random.integers(4, 8))
    mask = np.ones((batch, length), dtype=np.int64)
    mask[0, length - 2:] = 0
    return {"input_ids": random.integers(1, VOCABULARY, (batch, length)), "attention_mask": mask}


def only_ids(random, batch):
    return {"input_ids": random.integers(0, VOCABULARY, (batch, 6))}


def image(random, batch):
    return {"image": random.normal(0, 1, (batch, 1, 8, 8)).astype(np.float32)}


def features(random, batch):
    return {"features": random.normal(0, 1, (batch, 5)).astype(np.float32)}


def export(name, model, inputs_of, opset, axes, training=False, half=False):
    random = np.random.default_rng(3)
    model.train()
    sample = {k: torch.tensor(v) for k, v in inputs_of(random, 2).items()}
    mode = torch.onnx.TrainingMode
    path = os.path.join(HERE, "exported", f"{name}.onnx")
    torch.onnx.export(
        model, tuple(sample.values()), path, input_names=list(sample), output_names=["logits"], opset_version=opset,
        dynamic_axes={k: axes for k in sample}, training=mode.TRAINING if training else mode.EVAL,
        do_constant_folding=not training)
    model.train()
    start = {n: encode(p) for n, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    iterations = []
    for i in range(4):
        batch = inputs_of(random, 5)
        targets = random.integers(0, CLASSES, 5)
        loss = F.cross_entropy(model(**{k: torch.tensor(v) for k, v in batch.items()}), torch.tensor(targets))
        optimizer.zero_grad()
        loss.backward()
        record = {
            "inputs": {k: {"type": "float32" if v.dtype == np.float32 else "int64", "shape": list(v.shape),
                           "data": [float(x) for x in v.ravel()]} for k, v in batch.items()},
            "targets": [int(t) for t in targets],
            "loss": float(loss),
        }
        if i == 0:
            record["gradients"] = {n: encode(p.grad) for n, p in model.named_parameters()}
        iterations.append(record)
        optimizer.step()
    model.eval()
    batch = inputs_of(random, 3)
    logits = model(**{k: torch.tensor(v) for k, v in batch.items()})
    return {
        "shapes": {n: list(p.shape) for n, p in model.named_parameters()},
        "start": start,
        "iterations": iterations,
        "after": {
            "inputs": {k: {"type": "float32" if v.dtype == np.float32 else "int64", "shape": list(v.shape),
                           "data": [float(x) for x in v.ravel()]} for k, v in batch.items()},
            "logits": encode(logits),
        },
    }


TEXT = {0: "batch", 1: "length"}
torch.manual_seed(1)
os.makedirs(os.path.join(HERE, "exported"), exist_ok=True)
cases = {
    "mlp_opset11": export("mlp_opset11", Mlp(), features, 11, {0: "batch"}),
    "text_cnn_opset12": export("text_cnn_opset12", TextCnn(), only_ids, 12, TEXT),
    "bert_opset11": export("bert_opset11", Encoder("bert"), ids, 11, TEXT),
    "bert_opset14": export("bert_opset14", Encoder("bert"), ids, 14, TEXT),
    "prenorm_opset17": export("prenorm_opset17", Encoder("prenorm"), ids, 17, TEXT),
    "albert_opset13": export("albert_opset13", Encoder("albert"), ids, 13, TEXT),
    "distilbert_opset16": export("distilbert_opset16", Encoder("distilbert"), ids, 16, TEXT),
    "image_cnn_opset15": export("image_cnn_opset15", ImageCnn(), image, 15, {0: "batch"}, training=True),
}
with open(os.path.join(HERE, "exported.json"), "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases}, file)
    file.write("\n")
