/**
 * Deterministic sampling of diffusion models: a {@link dev.reprise.samplers.model.Denoiser} (most often a network behind
 * {@link dev.reprise.samplers.model.NetworkDenoiser}), a {@link dev.reprise.samplers.Sampler} and initial noise give images.
 */
package dev.reprise.samplers;
