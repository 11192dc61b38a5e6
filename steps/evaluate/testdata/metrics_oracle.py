#!/usr/bin/env python3
"""Metrics of scikit-learn on made-up predictions, written to metrics_oracle.json beside this file.

Debian: apt-get install python3-sklearn, then /usr/bin/python3 metrics_oracle.py
"""
import json, math, os
import numpy as np, sklearn
from sklearn import metrics as M


def lcg(seed, n):
    state, numbers = seed, []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        numbers.append(state / 2**32)
    return np.array(numbers)


def normal(seed, n):
    u = lcg(seed, 2 * n)
    return np.sqrt(-2 * np.log(np.maximum(u[:n], 1e-12))) * np.cos(2 * np.pi * u[n:])


def binned(confidence, right, bins=10):
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.digitize(confidence, edges[1:-1]), 0, bins - 1)
    return float(sum(
        abs(right[place == k].mean() - confidence[place == k].mean()) * np.mean(place == k)
        for k in range(bins) if (place == k).any()))


def scores(y, p):
    """Rows of p are probabilities; every number of scikit-learn but ece and the many-class Brier score."""
    classes = p.shape[1]
    answer = p.argmax(axis=1)
    names = [str(k) for k in range(classes)]
    each = M.precision_recall_fscore_support(y, answer, labels=range(classes), zero_division=0)
    out = {
        "accuracy": M.accuracy_score(y, answer),
        "balanced_accuracy": M.balanced_accuracy_score(y, answer),
        "log_loss": M.log_loss(y, p, labels=range(classes)),
        "mcc": M.matthews_corrcoef(y, answer),
        "kappa": M.cohen_kappa_score(y, answer),
        "rows": len(y),
    }
    for average in ("macro", "weighted"):
        scored = M.precision_recall_fscore_support(y, answer, average=average, zero_division=0)
        out.update({f"{name}_{average}": value for name, value in zip(("precision", "recall", "f1"), scored)})
    for i, name in enumerate(("precision", "recall", "f1")):
        for k in range(classes):
            occurs = (y == k).any() or (answer == k).any()
            out[f"{name}/{names[k]}"] = each[i][k] if occurs else None
    if classes == 2:
        out.update({
            "precision": each[0][1], "recall": each[1][1], "f1": each[2][1],
            "roc_auc": M.roc_auc_score(y, p[:, 1]),
            "average_precision": M.average_precision_score(y, p[:, 1]),
            "brier": M.brier_score_loss(y, p[:, 1]),
            "ece": binned(p[:, 1], (y == 1).astype(float)),
        })
    else:
        one_hot = np.eye(classes)[y]
        complete = one_hot.any(axis=0).all()
        out.update({
            "roc_auc": M.roc_auc_score(y, p, multi_class="ovr") if complete else None,
            "average_precision": M.average_precision_score(one_hot, p, average="macro") if complete else None,
            "brier": float(((p - one_hot) ** 2).sum(axis=1).mean()),
            "ece": binned(p.max(axis=1), (answer == y).astype(float)),
        })
    return {
        "actual": y.tolist(),
        "probabilities": p.ravel().tolist(),
        "classes": classes,
        "metrics": {name: None if value is None else float(value) for name, value in out.items()},
        "confusion": M.confusion_matrix(y, answer, labels=range(classes)).tolist(),
    }


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


n = 600
x = np.c_[normal(3, n), normal(4, n), normal(5, n)]
y = (lcg(6, n) < 1 / (1 + np.exp(-(1.2 * x[:, 0] - 0.8 * x[:, 1] + 0.3)))).astype(int)
s = 1 / (1 + np.exp(-(0.9 * x[:, 0] - 0.6 * x[:, 1] + 0.1 * x[:, 2])))

m = 240
four = np.array([0, 1, 1, 2, 3, 3, 3, 0])[np.arange(m) % 8]
logits = np.c_[normal(21, m), normal(22, m), normal(23, m), normal(24, m)]
logits[np.arange(m), four] += 1.1

ties = np.round(s[:200], 1)  # many equal scores, some at the edges of the bins
rare = np.where(four == 2, 0, four)  # class 2 never occurs, and is predicted

cases = {
    "two classes": scores(y, np.c_[1 - s, s]),
    "two classes, scores in ties": scores(y[:200], np.c_[1 - ties, ties]),
    "four classes": scores(four, softmax(logits)),
    "four classes, one never occurs": scores(rare, softmax(logits)),
    "four classes, one neither occurs nor is predicted": scores(rare, softmax(logits + [[0, 0, -99, 0]])),
    "three classes, all right": scores(np.arange(30) % 3, np.eye(3)[np.arange(30) % 3]),
}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "metrics_oracle.json"), "w") as out:
    json.dump({"versions": {"sklearn": sklearn.__version__, "numpy": np.__version__}, "cases": cases}, out, indent=1)
    out.write("\n")
for name, case in cases.items():
    print(name, {k: v if v is None else round(v, 12) for k, v in case["metrics"].items()})
