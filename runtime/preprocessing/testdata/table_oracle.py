#!/usr/bin/env python3
"""What scikit-learn makes of a table, written to table_oracle.json beside this file.

Debian: apt-get install python3-sklearn, then /usr/bin/python3 table_oracle.py
"""
import json, math, os, random
import numpy as np, sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

random.seed(20)
PLANS = ["basic", "plus", "pro", "라이트"]


def number(missing):
    return None if random.random() < missing else round(random.gauss(40, 17), 3)


def rows(count, plans):
    return [
        {
            "age": number(0.2),
            "income": number(0.15),
            "balance": round(1e9 + random.random(), 6),
            "score": number(0),
            "constant": 7.25,
            "near_constant": 1e15 + random.choice([0, 0.125]),
            "plan": None if random.random() < 0.15 else random.choice(plans),
            "region": None if random.random() < 0.15 else random.choice(["north", "south", "west"]),
            "active": random.random() < 0.4,
            "floor": random.choice([2, 10, 1, 33]),
            "grade": random.choice([9, 10, 2]),
        }
        for _ in range(count)
    ]


training = rows(150, PLANS)
test = rows(40, PLANS + ["never seen"])


def column(data, name, missing=np.nan):
    return np.array([[missing if row[name] is None else row[name]] for row in data])


def numbers(transform):
    return lambda name: transform.fit(column(training, name)).transform(column(test, name)).astype(float)


def scaled_then_imputed(strategy):
    """Scaled by what is there, then filled: the value filled in, before scaling, is the mean or the median."""
    def encode(name):
        seen = column(training, name)
        scaler = StandardScaler().fit(seen)
        fill = SimpleImputer(strategy=strategy).fit(seen)
        return scaler.transform(fill.transform(column(test, name)))
    return encode


def indicator(name):
    return MissingIndicator(features="all").fit(column(training, name)).transform(column(test, name)).astype(float)


def one_hot(name, fill=None):
    def cells(data):
        return np.array([["" if row[name] is None else row[name]] for row in data], dtype=object)
    seen, new = cells(training), cells(test)
    if fill is not None:
        imputer = SimpleImputer(strategy=fill, missing_values="").fit(seen)
        seen, new = imputer.transform(seen), imputer.transform(new)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(seen)
    names = list(encoder.categories_[0])
    encoded = encoder.transform(new)
    if names[0] == "":  # scikit-learn sorts "" first, we put it last
        encoded = np.roll(encoded, -1, axis=1)
    return encoded


expected = np.hstack([
    scaled_then_imputed("mean")("age"), indicator("age"),
    scaled_then_imputed("median")("income"),
    numbers(StandardScaler())("balance"),
    numbers(MinMaxScaler())("score"),
    numbers(StandardScaler())("constant"),
    numbers(StandardScaler())("near_constant"),
    one_hot("plan"),
    one_hot("region", "most_frequent"),
    one_hot("active"),
    one_hot("floor"),
])

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "table_oracle.json"), "w", encoding="utf-8") as out:
    json.dump({
        "versions": {"sklearn": sklearn.__version__, "numpy": np.__version__},
        "spec": {
            "label": "grade",
            "features": [
                {"column": "age", "as": "number", "missing": "mean", "indicator": True},
                {"column": "income", "as": "number", "missing": "median"},
                {"column": "balance", "as": "number"},
                {"column": "score", "as": "number", "scale": "minmax"},
                {"column": "constant", "as": "number"},
                {"column": "near_constant", "as": "number"},
                {"column": "plan", "as": "category", "missing": "category"},
                {"column": "region", "as": "category", "missing": "most-frequent"},
                {"column": "active", "as": "category"},
                {"column": "floor", "as": "category"},
            ],
        },
        "training": training,
        "test": test,
        "encoded": np.round(expected, 9).tolist(),
    }, out, ensure_ascii=False, indent=0)
    out.write("\n")
print(expected.shape, np.abs(expected).max(axis=0))
