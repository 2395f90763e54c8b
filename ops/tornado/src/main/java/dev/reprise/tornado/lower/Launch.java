package dev.reprise.tornado.lower;

import java.util.List;

/**
 * One kernel to run: the integers it takes, those among them that are places, and the threads it needs.
 *
 * @param operator that it belongs to, as the engine names it
 * @param words    the kernel's integers; places are filled in when memory is laid out
 * @param places   of values in the arena, or of constants among the weights
 * @param grid     threads along x, y, z: multiples of the group's
 * @param group    threads of a work-group along x, y, z
 * @param flops    multiplications and additions, as the CPU's kernels count them
 */
record Launch(Kind kind, String operator, int[] words, List<Place> places, int[] grid, int[] group, long flops) {
    /**
     * A place that a launch needs: word {@code word} becomes the begin of a value (or region) and {@code plus}, and word {@code space},
     * where that is not negative, 1 for a weight and 0 for a value in the arena.
     *
     * @param value  number of the value, or -1 for a region
     * @param region number of the region of weights, or -1 for a value
     */
    record Place(int word, int space, int value, int region, int plus, boolean written) {}
}
