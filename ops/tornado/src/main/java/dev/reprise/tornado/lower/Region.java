package dev.reprise.tornado.lower;

import java.util.function.Consumer;

/**
 * A run of floats among the weights: a constant in the order that a kernel wants.
 *
 * @param key   equal for regions of equal contents: pieces of one model share them on the device
 * @param size  floats
 * @param write fills an array of that size; called when the piece is compiled
 */
public record Region(Object key, int size, Consumer<float[]> write) {}
