import { stringify } from "yaml";
import { MODEL_FILES, type ModelSignature, type SignatureInput } from "../../pipeline/mod.ts";
import loader from "./hanok_model.py" with { type: "text" };

/** Python packages that the loader needs, beside MLflow. */
const PACKAGES = ["numpy", "onnxruntime>=1.17", "pandas"];
const PYTHON = "3.11";

/** Files that MLflow's clients load a model folder by. */
export type MlflowFiles = Readonly<
  Record<
    "MLmodel" | "requirements.txt" | "python_env.yaml" | "conda.yaml" | "code/hanok_model.py",
    string
  >
>;

/**
 * Makes a model folder one of MLflow's: as flavor `onnx` of the tensors, and as a Python function of the raw columns
 * that gives labels. The files hold no time and no id, so that equal models are equal folders.
 *
 * @see https://mlflow.org/docs/latest/ml/model/#storage-format
 */
export function mlflowFiles(signature: ModelSignature): MlflowFiles {
  return {
    MLmodel: renderMlmodel(signature),
    "requirements.txt": `${["mlflow", ...PACKAGES].join("\n")}\n`,
    "python_env.yaml": stringify({
      python: PYTHON,
      build_dependencies: ["pip"],
      dependencies: ["-r requirements.txt"],
    }),
    "conda.yaml": stringify({
      name: "mlflow-env",
      channels: ["conda-forge"],
      dependencies: [`python=${PYTHON}`, "pip", { pip: ["mlflow", ...PACKAGES] }],
    }),
    "code/hanok_model.py": loader,
  };
}

function renderMlmodel({ inputs }: ModelSignature): string {
  return stringify({
    flavors: {
      onnx: { data: MODEL_FILES.model, providers: ["CPUExecutionProvider"], code: null },
      python_function: {
        loader_module: "hanok_model",
        code: "code",
        env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
        python_version: PYTHON,
      },
    },
    metadata: {
      hanok: { signature: MODEL_FILES.signature, preprocessing: MODEL_FILES.preprocessing },
    },
    saved_input_example_info: {
      artifact_path: MODEL_FILES.inputExample,
      pandas_orient: "records",
      type: "dataframe",
    },
    signature: {
      inputs: JSON.stringify(inputs.map(mlflowColumn)),
      outputs: JSON.stringify([{ type: "string", required: true }]),
      params: JSON.stringify([
        { name: "probabilities", default: false, shape: null, type: "boolean" },
      ]),
    },
  }, { lineWidth: 0 });
}

const TYPES = { number: "double", integer: "long", string: "string", boolean: "boolean" } as const;

/** A raw column as MLflow's signatures write it. To pandas a whole number that may be missing is a double. */
function mlflowColumn({ name, type, nullable }: SignatureInput): object {
  const isDouble = type === "integer" && nullable;
  return { type: isDouble ? "double" : TYPES[type], name, required: !nullable };
}
