#!/usr/bin/env python3
"""Distances and p-values of SciPy, written to distances.json beside this file.

Debian: apt-get install python3-scipy, then /usr/bin/python3 distances.py
"""
import json, os
import numpy as np, scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

rng = np.random.default_rng(7)
round_ = lambda values: [round(float(v), 3) for v in values]

numbers = []
for n, m, shift, scale, digits in [
    (50, 40, 0, 1, 3), (200, 30, 0.4, 1, 3), (83, 300, 0, 2, 3), (1000, 90, 0.1, 1, 1),
    (7, 9, 3, 1, 3), (40, 40, 0, 0, 3), (2000, 1500, 0.05, 1, 3),
]:
    a = np.round(rng.normal(0, 1, n), digits)
    b = np.round(rng.normal(shift, scale, m), digits)
    ks = stats.ks_2samp(a, b, method="exact" if n * m <= 1_000_000 else "asymp")
    numbers.append({
        "a": round_(np.sort(a)), "b": round_(np.sort(b)), "exact": bool(n * m <= 1_000_000),
        "ks": float(ks.statistic), "ks_p": float(ks.pvalue),
        "wasserstein": float(stats.wasserstein_distance(a, b)),
        "normed": float(stats.wasserstein_distance(a, b) / max(np.std(a), 0.001)),
    })

counts = []
for a, b in [
    ([10, 20, 30], [12, 18, 33]), ([500, 300, 200], [50, 70, 30]), ([5, 0, 9], [0, 4, 11]),
    ([100, 1], [80, 9]), ([40, 60], [41, 59]), ([7, 7, 7, 7, 7, 7, 7, 7, 7, 7], [1, 2, 3, 4, 5, 6, 7, 8, 9, 40]),
    ([1000, 1], [1, 1000]),
]:
    chi = stats.chi2_contingency([a, b], correction=False)
    row = {
        "a": a, "b": b, "js": float(jensenshannon(a, b)),
        "chi_p": float(chi.pvalue), "cramers_v": float(stats.contingency.association([a, b], method="cramer")),
    }
    if len(a) == 2:
        p1, p2, n1, n2 = a[0] / sum(a), b[0] / sum(b), sum(a), sum(b)
        pooled = (a[0] + b[0]) / (n1 + n2)
        z = (p1 - p2) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        row |= {"difference": float(abs(p1 - p2)), "z_p": float(2 * stats.norm.sf(abs(z)))}
    counts.append(row)

tails = [{"x": x, "degrees": k, "tail": float(stats.chi2.sf(x, k))}
         for k in [1, 2, 3, 9, 40, 300] for x in [0.0, 0.01, 1.0, 3.84, 10.0, 39.5, 200.0, 700.0]]

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "distances.json")
with open(path, "w") as file:
    json.dump({"made_with": f"scipy {scipy.__version__}, numpy {np.__version__}",
               "numbers": numbers, "counts": counts, "tails": tails}, file)
    file.write("\n")
