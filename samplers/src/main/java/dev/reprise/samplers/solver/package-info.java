/** Deterministic solvers of the probability-flow ODE, each in the symbols of its paper. */
package dev.reprise.samplers.solver;
