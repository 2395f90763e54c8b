/**
 * Named tensors out of other frameworks' files: PyTorch's (zip archives of {@code torch.save}, TorchScript, the older format without
 * zip) and safetensors; and their binding to the initializers of an ONNX graph. No Python runs: a pickle is read by an interpreter
 * that knows tensors and plain containers and refuses everything else by name.
 */
package dev.reprise.loaders.weights;
