/** What a solver asks: denoisers, and networks of any parameterization made into one. */
package dev.reprise.samplers.model;
