import { stringify } from "yaml";
import { MODEL_FILES, type ModelSignature, type TensorSpec } from "../../pipeline/mod.ts";

/**
 * The MLmodel file: MLflow loads the folder by it, as flavor `onnx` and as a Python function of the tensors.
 * It holds no time and no id, so that equal models are equal folders.
 *
 * @see https://mlflow.org/docs/latest/ml/model/#storage-format
 */
export function renderMlmodel({ tensors }: Pick<ModelSignature, "tensors">): string {
  return stringify({
    flavors: {
      onnx: { data: MODEL_FILES.model, providers: ["CPUExecutionProvider"] },
      python_function: { data: MODEL_FILES.model, loader_module: "mlflow.onnx" },
    },
    metadata: {
      hanok: { signature: MODEL_FILES.signature, preprocessing: MODEL_FILES.preprocessing },
    },
    signature: {
      inputs: JSON.stringify(tensors.inputs.map(mlflowTensor)),
      outputs: JSON.stringify(tensors.outputs.map(mlflowTensor)),
      params: null,
    },
  }, { lineWidth: 0 });
}

/** A tensor as MLflow's signatures write it; -1 is a free axis. */
function mlflowTensor({ name, type, shape }: TensorSpec): unknown {
  return {
    type: "tensor",
    "tensor-spec": { dtype: type, shape: shape.map((axis) => axis ?? -1) },
    name,
  };
}
