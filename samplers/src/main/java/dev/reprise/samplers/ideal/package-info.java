/** Denoisers in closed form: what a perfect network of a known data distribution would compute. */
package dev.reprise.samplers.ideal;
