/** From a prompt to the numbers that a text encoder reads. */
package dev.reprise.loaders.tokenizer;
