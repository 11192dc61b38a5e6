"""Peer of bench:serve: the stack behind MLflow's scoring server, as Debian packs it.

python3 serve_peers.py PORT < digits.csv
FastAPI, pandas and a scikit-learn network of the same size, on the same data.
"""

import json
import sys

import numpy
import pandas
import uvicorn
from fastapi import FastAPI, Request, Response
from sklearn.neural_network import MLPClassifier

frame = pandas.read_csv(sys.stdin)
labels = frame.pop("digit")
model = MLPClassifier(hidden_layer_sizes=(256,), max_iter=3, random_state=0)
model.fit(frame / 16.0, labels)
dtypes = {name: "float64" for name in frame.columns}
app = FastAPI()


@app.post("/invocations")
async def invocations(request: Request):
    body = json.loads(await request.body())
    split = body["dataframe_split"]
    rows = pandas.DataFrame(data=split["data"], columns=split["columns"])
    missing = [name for name in frame.columns if name not in rows.columns]
    if missing:
        return Response(json.dumps({"error_code": "INVALID_PARAMETER_VALUE"}), 400)
    rows = rows[list(frame.columns)].astype(dtypes)
    predictions = model.predict(rows / 16.0)
    return Response(
        json.dumps({"predictions": numpy.asarray(predictions).tolist()}),
        media_type="application/json",
    )


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False)
