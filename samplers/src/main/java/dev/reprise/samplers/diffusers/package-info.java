/**
 * Schedulers of the Python library diffusers, from the entries of their {@code scheduler_config.json}: the same timesteps, the same
 * sigmas, the same formulas, so that a pipeline exported from there samples the same images. The papers' own solvers are in
 * {@link dev.reprise.samplers.solver}.
 */
package dev.reprise.samplers.diffusers;
