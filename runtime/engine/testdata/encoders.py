"""Writes tiny encoders by Hugging Face's names, as pytorch_model.bin and safetensors, with the logits that PyTorch computes.

Run: python3 encoders.py (Debian python3-torch 1.13.1). The forward pass follows the published models; dropout is off.
"""
import base64
import json
import math
import os
import struct

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(4)
HERE = os.path.dirname(os.path.abspath(__file__))
CONFIGS = {
    "bert": {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 12, "vocab_size": 20, "max_position_embeddings": 10, "type_vocab_size": 2,
             "hidden_act": "gelu", "layer_norm_eps": 1e-12},
    "roberta": {"model_type": "roberta", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 4,
                "intermediate_size": 12, "vocab_size": 20, "max_position_embeddings": 12, "type_vocab_size": 1,
                "hidden_act": "gelu", "layer_norm_eps": 1e-5, "pad_token_id": 1},
    "electra": {"model_type": "electra", "hidden_size": 8, "embedding_size": 6, "num_hidden_layers": 1,
                "num_attention_heads": 2, "intermediate_size": 12, "vocab_size": 20, "max_position_embeddings": 10,
                "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12},
    "distilbert": {"model_type": "distilbert", "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 12,
                   "vocab_size": 20, "max_position_embeddings": 10, "activation": "gelu"},
}
CLASSES = 3
IDS = torch.tensor([[2, 5, 7, 3, 9], [2, 11, 3, 1, 1]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def make(config):
    family = config["model_type"]
    distil = family == "distilbert"
    hidden = config.get("hidden_size", config.get("dim"))
    width = config.get("embedding_size", hidden)
    inner = config.get("intermediate_size", config.get("hidden_dim"))
    state = {}

    def weight(name, *shape, mean=0.0):
        state[name] = mean + 0.3 * torch.randn(*shape)

    def linear(name, inputs, outputs):
        weight(f"{name}.weight", outputs, inputs)
        weight(f"{name}.bias", outputs)

    def norm(name, size):
        weight(f"{name}.weight", size, mean=1.0)
        weight(f"{name}.bias", size)

    p = f"{family}."
    weight(f"{p}embeddings.word_embeddings.weight", config["vocab_size"], width)
    weight(f"{p}embeddings.position_embeddings.weight", config["max_position_embeddings"], width)
    if not distil:
        weight(f"{p}embeddings.token_type_embeddings.weight", config["type_vocab_size"], width)
    norm(f"{p}embeddings.LayerNorm", width)
    if width != hidden:
        linear(f"{p}embeddings_project", width, hidden)
    layers = config.get("num_hidden_layers", config.get("n_layers"))
    for i in range(layers):
        if distil:
            q = f"{p}transformer.layer.{i}."
            names = ["attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
                     "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"]
        else:
            q = f"{p}encoder.layer.{i}."
            names = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
                     "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"]
        for name in names[:4]:
            linear(q + name, hidden, hidden)
        norm(q + names[4], hidden)
        linear(q + names[5], hidden, inner)
        linear(q + names[6], inner, hidden)
        norm(q + names[7], hidden)
    head = {"bert": ("bert.pooler.dense", torch.tanh, "classifier"),
            "roberta": ("classifier.dense", torch.tanh, "classifier.out_proj"),
            "electra": ("classifier.dense", F.gelu, "classifier.out_proj"),
            "distilbert": ("pre_classifier", F.relu, "classifier")}[family]
    linear(head[0], hidden, hidden)
    linear(head[2], hidden, CLASSES)

    def forward(ids, mask):
        def lin(name, x):
            return F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])

        def ln(name, x):
            return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"],
                                config.get("layer_norm_eps", 1e-12))

        batch, length = ids.shape
        if family == "roberta":
            places = (torch.cumsum(mask, 1) * mask) + config["pad_token_id"]
        else:
            places = torch.arange(length).expand(batch, length)
        x = state[f"{p}embeddings.word_embeddings.weight"][ids]
        x = x + state[f"{p}embeddings.position_embeddings.weight"][places]
        if not distil:
            x = x + state[f"{p}embeddings.token_type_embeddings.weight"][0]
        x = ln(f"{p}embeddings.LayerNorm", x)
        if width != hidden:
            x = lin(f"{p}embeddings_project", x)
        heads = config.get("num_attention_heads", config.get("n_heads"))

        def split(t):
            return t.view(batch, length, heads, hidden // heads).transpose(1, 2)

        bias = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        for i in range(layers):
            q = f"{p}transformer.layer.{i}." if distil else f"{p}encoder.layer.{i}."
            query, key, value = (split(lin(q + n, x)) for n in names[:3])
            scores = query @ key.transpose(-1, -2) / math.sqrt(hidden // heads) + bias
            mixed = (F.softmax(scores, -1) @ value).transpose(1, 2).reshape(batch, length, hidden)
            x = ln(q + names[4], lin(q + names[3], mixed) + x)
            x = ln(q + names[7], lin(q + names[6], F.gelu(lin(q + names[5], x))) + x)
        return lin(head[2], head[1](lin(head[0], x[:, 0])))

    return state, forward(IDS, MASK)


def write_safetensors(path, state):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in state.items():
        raw = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


os.makedirs(os.path.join(HERE, "encoders"), exist_ok=True)
cases = {}
for family, config in CONFIGS.items():
    state, logits = make(config)
    if family in ("bert", "electra"):
        old = {n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): t
               for n, t in state.items()}
        file = f"{family}.bin"
        torch.save(old if family == "bert" else state, os.path.join(HERE, "encoders", file))
    else:
        file = f"{family}.safetensors"
        write_safetensors(os.path.join(HERE, "encoders", file), state)
    cases[family] = {"config": config, "file": file,
                     "logits": base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode()}

# Files for the reader of PyTorch's format: views, other types, and a pickle that would run a program.
whole = torch.arange(12, dtype=torch.float32).reshape(3, 4)
torch.save({"transposed": whole.t(), "row": whole[1], "half": torch.tensor([0.5, -2.0]).half(),
            "brain": torch.tensor([1.0, -2.5]).bfloat16(), "ids": torch.tensor([1, -1]), "empty": torch.zeros(0, 2),
            "parameter": torch.nn.Parameter(torch.ones(2)), "note": "no tensor"},
           os.path.join(HERE, "encoders", "tensors.bin"))

# The same format as PyTorch wrote it before 1.6: no zip, storages behind the pickles.
old = torch.arange(6, dtype=torch.float32).reshape(2, 3)
torch.save({"a.weight": old, "tied": old, "view": old[1], "half": torch.tensor([0.5, -2.0]).half(), "ids": torch.tensor([1, -1])},
           os.path.join(HERE, "encoders", "legacy.bin"), _use_new_zipfile_serialization=False)


class Hostile:
    def __reduce__(self):
        return (os.system, ("echo this must never run",))


torch.save({"weight": Hostile()}, os.path.join(HERE, "encoders", "hostile.bin"))
# Many copies from little: 50 views of one storage.
storage = torch.arange(300.0)
torch.save({f"view{i}": storage[1:] for i in range(50)}, os.path.join(HERE, "encoders", "views.bin"))
with open(os.path.join(HERE, "encoders.json"), "w") as file:
    json.dump({"torch": torch.__version__, "classes": CLASSES, "ids": IDS.tolist(), "mask": MASK.tolist(), "cases": cases}, file)
    file.write("\n")
