/** A procedurally generated image set with a known distribution. */
package dev.reprise.loaders.synthetic;
