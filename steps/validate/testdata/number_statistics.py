"""Makes number_statistics.json: statistics by numpy, to compare number_statistics.ts with.

Run from this folder: /usr/bin/python3 number_statistics.py (Debian's python3-numpy 1.24.2)
"""

import json

import numpy as np

random = np.random.default_rng(1)
cases = {
    "normal": random.normal(10, 3, 101),
    "integers": random.integers(-5, 6, 60).astype(float),
    "skewed": random.exponential(2.0, 37),
    "constant": np.full(5, 2.5),
    "one": np.array([-7.0]),
    "far from zero": 1e9 + random.random(50),
}


def describe(values):
    constant = values.min() == values.max()
    counts, edges = np.histogram(values, bins=10)
    return {
        "values": values.tolist(),
        "mean": values.mean(),
        "std": values.std(),
        "median": float(np.median(values)),
        "quantiles": np.quantile(values, np.linspace(0, 1, 11)).tolist(),
        "zeros": int((values == 0).sum()),
        "edges": [values[0], values[0]] if constant else edges.tolist(),
        "counts": [len(values)] if constant else counts.tolist(),
    }


with open("number_statistics.json", "w", encoding="utf-8") as file:
    json.dump({name: describe(values) for name, values in cases.items()}, file, indent=1)
    file.write("\n")
