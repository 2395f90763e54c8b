/** Text-to-image pipelines as diffusers and Optimum export them to ONNX: a folder with {@code model_index.json}. */
package dev.reprise.audit.pipeline;
