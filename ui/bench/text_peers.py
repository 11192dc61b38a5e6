"""Peers of bench:text, as Debian packs them: python3 text_peers.py scikit-learn|fastText DATA SCRATCH."""

import json
import subprocess
import sys
import time


def read(path):
    texts, labels = [], []
    with open(path, encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            _, text, label = line.rstrip("\r\n").split("\t")
            if text.strip():
                texts.append(text)
                labels.append(int(label))
    return texts, labels


def scikit_learn(data, _scratch):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    start = time.time()
    train, train_labels = read(f"{data}/ratings_train.txt")
    test, test_labels = read(f"{data}/ratings_test.txt")
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 5), min_df=3, sublinear_tf=True)
    model = LogisticRegression(C=4, solver="liblinear", dual=True, max_iter=1000)
    model.fit(vectorizer.fit_transform(train), train_labels)
    accuracy = model.score(vectorizer.transform(test), test_labels)
    return accuracy, time.time() - start


def fasttext(data, scratch):
    def write(name):
        texts, labels = read(f"{data}/ratings_{name}.txt")
        path = f"{scratch}/fasttext_{name}.txt"
        with open(path, "w", encoding="utf-8") as file:
            for text, label in zip(texts, labels):
                file.write(f"__label__{label} {text}\n")
        return path

    start = time.time()
    train, test = write("train"), write("test")
    model = f"{scratch}/fasttext"
    options = "-minn 1 -maxn 5 -wordNgrams 2 -dim 32 -epoch 5 -lr 0.1 -thread 2".split()
    subprocess.run(
        ["fasttext", "supervised", "-input", train, "-output", model, *options],
        check=True, stdout=subprocess.DEVNULL,
    )
    told = subprocess.run(
        ["fasttext", "test", f"{model}.bin", test], check=True, capture_output=True, text=True
    ).stdout
    return float(told.split("P@1")[1].split()[0]), time.time() - start


peer, data_folder, scratch_folder = sys.argv[1:]
measure = {"scikit-learn": scikit_learn, "fastText": fasttext}[peer]
reached, seconds = measure(data_folder, scratch_folder)
print(json.dumps({"accuracy": reached, "seconds": seconds}))
