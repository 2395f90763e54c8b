/** The random numbers that other frameworks draw, bit for bit. */
package dev.reprise.samplers.noise;
