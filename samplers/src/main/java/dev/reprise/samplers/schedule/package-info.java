/** Perturbation kernels {@code x_t = s(t) x_0 + s(t) σ(t) ε} and grids of time over them. */
package dev.reprise.samplers.schedule;
