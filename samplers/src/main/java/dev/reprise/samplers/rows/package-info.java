/** Arithmetic on batches, one array a sample. */
package dev.reprise.samplers.rows;
