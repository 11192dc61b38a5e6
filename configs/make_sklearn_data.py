"""Writes configs/digits/digits.csv and configs/iris/iris.csv from the copies that scikit-learn ships.

Run from the root of the repository: /usr/bin/python3 configs/make_sklearn_data.py
(Debian: python3-sklearn 1.2.1; the two data sets are the same in every release.)
"""

import csv
from pathlib import Path

from sklearn.datasets import load_digits, load_iris

HERE = Path(__file__).parent


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


digits = load_digits()
write(
    HERE / "digits" / "digits.csv",
    [*digits.feature_names, "digit"],
    [[*map(int, pixels), int(digit)] for pixels, digit in zip(digits.data, digits.target)],
)

iris = load_iris()
write(
    HERE / "iris" / "iris.csv",
    ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"],
    [[*map(float, sizes), iris.target_names[species]] for sizes, species in zip(iris.data, iris.target)],
)
