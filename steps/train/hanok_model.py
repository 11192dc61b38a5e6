"""Loads a model folder of Hanok for MLflow: raw columns in, labels out. Needs numpy, pandas and onnxruntime."""

import base64
import json
import math
import os
import unicodedata

import numpy

MASK = 0xFFFFFFFF


def _load_pyfunc(path):
    return HanokModel(path)


class HanokModel:
    """A classifier with its preprocessing, as signature.json and preprocessing.json describe them."""

    def __init__(self, path):
        self._path = path
        self.signature = _read_json(path, "signature.json")
        fitted = _read_json(path, "preprocessing.json")
        self._features = fitted["features"]
        self._texts = {"ngrams": _Ngrams, "tokens": _Tokens}.get(self._features[0]["as"])
        if self._texts is not None:
            self._texts = self._texts(self._features[0])
        self._session = None

    def predict(self, model_input, params=None):
        """Labels, one a row; with params={"probabilities": True} a table of the probability of every label."""
        import pandas

        rows = model_input if isinstance(model_input, pandas.DataFrame) else pandas.DataFrame(model_input)
        if self._session is None:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            self._session = onnxruntime.InferenceSession(
                os.path.join(self._path, "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        found = self._session.run(["probabilities"], self.encode(rows))[0]
        labels = self.signature["labels"]
        if (params or {}).get("probabilities"):
            return pandas.DataFrame(found, columns=labels, index=rows.index)
        return numpy.array([labels[place] for place in found.argmax(axis=1)], dtype=object)

    def encode(self, rows):
        """A table of raw columns as the tensors of the model."""
        missing = [f["column"] for f in self._features if f["column"] not in rows.columns]
        if missing:
            raise ValueError(f"Model is missing inputs {missing}.")
        if self._texts is not None:
            return self._texts.encode([_a_text(each) for each in rows[self._features[0]["column"]]])
        columns = []
        for feature in self._features:
            values = list(rows[feature["column"]])
            columns += (_numbers if feature["as"] == "number" else _categories)(feature, values)
        return {"features": numpy.array(columns, dtype=numpy.float64).T.astype(numpy.float32)}


def _read_json(path, name):
    with open(os.path.join(path, name), encoding="utf-8") as file:
        return json.load(file)


def _is_missing(value):
    return value is None or (isinstance(value, (float, numpy.floating)) and math.isnan(value))


def _refuse(feature, value, expected):
    raise ValueError(f"Column '{feature['column']}' holds {value!r}, expected {expected}.")


def _a_text(value):
    if isinstance(value, str):
        return value
    raise ValueError(f"Expected a text, got {value!r}.")


def _numbers(feature, values):
    limit = 3.4028234663852886e38
    scaled, missing = [], []
    for value in values:
        missing.append(float(_is_missing(value)))
        x = feature["fill"] if _is_missing(value) else value
        is_number = isinstance(x, (int, float, numpy.integer, numpy.floating))
        if not is_number or isinstance(x, bool) or not abs(x) <= limit:
            _refuse(feature, x, "a number between -3.4e38 and 3.4e38")
        scaled.append(min(limit, max(-limit, (float(x) - feature["shift"]) / feature["divisor"])))
    return [scaled, missing] if feature["indicator"] else [scaled]


def _categories(feature, values):
    places = {name: place for place, name in enumerate(feature["categories"])}
    columns = [[0.0] * len(values) for _ in places]
    for row, value in enumerate(values):
        if _is_missing(value):
            if feature["fill"] is None:
                _refuse(feature, value, f"a {feature['type']}")
            name = feature["fill"]
        else:
            name = _category_name(feature, value)
        if name in places:
            columns[places[name]][row] = 1.0
        elif feature["unknown"] == "error":
            _refuse(feature, value, f"one of {feature['categories']}")
    return columns


def _category_name(feature, value):
    if feature["type"] == "boolean" and isinstance(value, (bool, numpy.bool_)):
        return "true" if value else "false"
    if feature["type"] == "string" and isinstance(value, str):
        return value
    is_number = isinstance(value, (int, float, numpy.integer, numpy.floating))
    if feature["type"] != "number" or not is_number or isinstance(value, bool):
        _refuse(feature, value, f"a {feature['type']}")
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e21 else repr(number)


def _padded(lists, length, kind):
    table = numpy.zeros((len(lists), length), dtype=kind)
    for row, values in enumerate(lists):
        table[row, : len(values)] = values
    return table


def _rounded_up(length, step):
    return math.ceil(length / step) * step



def _mix(value, unit):
    mixed = ((value ^ unit) * 0x9E3779B1) & MASK
    return mixed ^ (mixed >> 15)


def _finished(value, n):
    mixed = (value + n) & MASK
    mixed ^= mixed >> 16
    mixed = (mixed * 0x85EBCA6B) & MASK
    mixed ^= mixed >> 13
    mixed = (mixed * 0xC2B2AE35) & MASK
    mixed ^= mixed >> 16
    return mixed or 1


def _hash_places(fitted):
    """The place of every kept hash; they are stored as LEB128 of their distances."""
    places, before, distance, shift = {}, 0, 0, 0
    for byte in base64.b64decode(fitted["hashes"]):
        distance |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            before += distance
            places[before] = len(places)
            distance = shift = 0
    return places


_SPACES = {0x20, 0xA0, 0x3000, 0xFEFF, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F}
_SPACES |= set(range(9, 14)) | set(range(0x2000, 0x200B))


def _normalized(text, most):
    """UTF-16 units with one space for all white space and one at each end, and without any."""
    data = text.lower().encode("utf-16-le", "surrogatepass")
    whole, dense, last, run = [0x20], [], 0x20, 0
    for at in range(0, len(data), 2):
        if len(whole) >= most + 1:
            break
        unit = data[at] | data[at + 1] << 8
        if unit in _SPACES:
            if last != 0x20:
                whole.append(0x20)
                last = 0x20
            continue
        run = run + 1 if unit == last else 1
        last = unit
        if run > 3:
            continue
        whole.append(unit)
        dense.append(unit)
    if last != 0x20:
        whole.append(0x20)
    return whole, dense


class _Ngrams:
    def __init__(self, fitted):
        self._fitted = fitted
        self._ids = _hash_places(fitted)
        self._places = fitted.get("places")
        self._place_ids = _hash_places(self._places) if self._places else None

    def encode(self, texts):
        counted = [self._count(text) for text in texts]
        length = _rounded_up(max([1] + [len(each) for each in counted]), 32)
        tensors = {
            "ids": _padded([list(each) for each in counted], length, numpy.int32),
            "values": _padded(
                [[1 + math.log(n) for n in each.values()] for each in counted], length, numpy.float32
            ),
        }
        if self._places is None:
            return tensors
        rows = [self._place(text) for text in texts]
        length = _rounded_up(max([1] + [len(row) for row in rows]), 16)
        table = numpy.zeros((len(rows), length, 3), dtype=numpy.int32)
        for row, ids in enumerate(rows):
            table[row, : len(ids)] = ids
        return {**tensors, "places": table}

    def _count(self, text):
        whole, dense = _normalized(text, self._fitted["maxLength"])
        counts = {}
        for place, family in enumerate(self._fitted["families"]):
            units = whole if family["spaces"] else dense
            least, most = family["lengths"]
            seed = ((place + 1) * 0x2545F491) & MASK
            for first in range(len(units)):
                value = seed
                for n, unit in enumerate(units[first : first + most], 1):
                    value = _mix(value, unit)
                    found = self._ids.get(_finished(value, n)) if n >= least else None
                    if found is not None:
                        counts[found] = counts.get(found, 0) + 1
        return counts

    def _place(self, text):
        whole, _ = _normalized(text, self._places["maxLength"] - 1)
        rows = []
        for first in range(len(whole)):
            value, ids = 0x2545F491, [1, 1, 1]
            for n, unit in enumerate(whole[first : first + 3], 1):
                value = _mix(value, unit)
                place = self._place_ids.get(_finished(value, n))
                ids[n - 1] = 1 if place is None else 2 + place
            rows.append(ids)
        return rows


class _Tokens:
    def __init__(self, fitted):
        self._rules = fitted["tokenizer"]
        self._most = fitted["maxLength"]
        vocabulary = self._rules["vocabulary"]
        special = self._rules["special"]
        ids = {token: place for place, token in enumerate(vocabulary)}
        self._begin, self._end, self._unknown = (ids[special[name]] for name in ("begin", "end", "unknown"))
        self._padding = vocabulary.index(special["padding"])
        later = lambda token: token.startswith("##") and len(token) > 2
        self._first = {token: place for token, place in ids.items() if not later(token)}
        self._later = {token[2:]: place for token, place in ids.items() if later(token)}
        self._longest = max(len(piece) for piece in [*self._first, *self._later])

    def encode(self, texts):
        rows = [self._tokenize(text) for text in texts]
        length = min(self._most, _rounded_up(max(len(row) for row in rows), 8))
        ids = numpy.full((len(rows), length), self._padding, dtype=numpy.int64)
        mask = numpy.zeros((len(rows), length), dtype=numpy.int64)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def _tokenize(self, text):
        tokens = [self._begin]
        for word in self._words(text):
            tokens += self._cut(word)
        return tokens[: self._most - 1] + [self._end]

    def _cut(self, word):
        if len(word) > 100:
            return [self._unknown]
        tokens, start = [], 0
        while start < len(word):
            pieces = self._later if start else self._first
            end = min(len(word), start + self._longest)
            while end > start and word[start:end] not in pieces:
                end -= 1
            if end == start:
                return [self._unknown]
            tokens.append(pieces[word[start:end]])
            start = end
        return tokens

    def _words(self, text):
        spaced = []
        for letter in text:
            kind = _kind(letter)
            if kind == "chinese" and not self._rules["cutChinese"]:
                kind = "letter"
            spaced.append({"space": " ", "dropped": "", "chinese": f" {letter} "}.get(kind, letter))
        words = []
        for word in "".join(spaced).split(" "):
            word = word.lower() if self._rules["lowercase"] else word
            if self._rules["stripAccents"]:
                parts = unicodedata.normalize("NFD", word)
                word = "".join(each for each in parts if unicodedata.category(each) != "Mn")
            words += _cut_at_punctuation(word)
        return words


def _cut_at_punctuation(word):
    words, current = [], ""
    for letter in word:
        if _kind(letter) == "alone":
            words += [current, letter]
            current = ""
        else:
            current += letter
    return [each for each in [*words, current] if each]


def _kind(letter):
    point, category = ord(letter), unicodedata.category(letter)
    if letter in "\t\n\r" or category == "Zs":
        return "space"
    if point == 0xFFFD or category.startswith("C"):
        return "dropped"
    is_sign = 33 <= point <= 47 or 58 <= point <= 64 or 91 <= point <= 96 or 123 <= point <= 126
    if is_sign or category.startswith("P"):
        return "alone"
    blocks = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F)]
    blocks += [(0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]
    return "chinese" if any(first <= point <= last for first, last in blocks) else "letter"
