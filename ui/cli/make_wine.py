"""Writes new_project/wine.csv: five columns of the wine data that scikit-learn ships.

/usr/bin/python3 ui/cli/make_wine.py   (Debian's python3-sklearn 1.2.1)
"""
import csv
import pathlib

from sklearn.datasets import load_wine

COLUMNS = ["alcohol", "flavanoids", "color_intensity", "hue", "proline"]
# UCI numbers the cultivars; the names are those of the authors' own copy (PARVUS): 59, 71 and 48 wines.
CULTIVARS = ["barolo", "grignolino", "barbera"]

wine = load_wine()
places = [wine.feature_names.index(name) for name in COLUMNS]
path = pathlib.Path(__file__).parent / "new_project" / "wine.csv"
with path.open("w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*COLUMNS, "cultivar"])
    for row, target in zip(wine.data, wine.target):
        writer.writerow([*(f"{row[place]:g}" for place in places), CULTIVARS[target]])
