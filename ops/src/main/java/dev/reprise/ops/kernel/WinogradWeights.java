package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.V;

/**
 * The weights of {@link ConvWinograd}: as they are, panel by panel of {@link PackedB#PANEL_COLUMNS} output channels, in each
 * {@link #chunk} input channels at a time, in these tap by tap [tap][input channel][output channel]; and their transform, which
 * turns such a chunk into a panel of {@link PackedB} for each point.
 *
 * <p>The taps are streams of their own because weights come from memory: side by side they need no second step here, but a DDPM then takes
 * 40 instead of 34 ms, as if the processor saw no pattern to read ahead.
 */
final class WinogradWeights {
    /** Input channels that are transformed at a time: with 36 points and 512-bit vectors 576 KiB, which the second-level cache holds. */
    private static final int CHUNK = 64;
    private static final int TAPS = 9;
    /**
     * Vectors in one call of the transform. The JVM compiles a method once it was called some hundred times, and until then every vector
     * of a round is an object: with a chunk in one call the first run of a DDPM++ took 8.2 s instead of 7.2.
     */
    private static final int CALL = 16;

    private WinogradWeights() {}

    /** Bytes of the packed weights. */
    static long bytes(ConvShape s) { return TAPS * PackedB.bytes(s.c(), s.m()); }

    /**
     * Input channels that are transformed at a time. One panel of up to 128 channels is transformed as a whole: small networks, which have no more, then need none of the
     * tiles that go on from stored sums, whose compilation would be the peak of their memory.
     */
    static int chunk(ConvShape s) { return GemmBlock.WIDE && s.m() <= PackedB.PANEL_COLUMNS && s.c() <= 2 * CHUNK ? s.c() : CHUNK; }

    /** Bytes that {@link #transform} needs for its result. */
    static long scratchBytes(ConvShape s, ConvAlgorithm a) {
        return a.points() * a.points() * pointBytes(PackedB.PANEL, chunk(s));
    }

    /** Where the chunk of a panel begins whose first input channel is c. */
    static long at(ConvShape s, int panel, int c) {
        return TAPS * ((long) panel * PackedB.PANEL_COLUMNS * s.c() * 4 + c * PackedB.width(s.m(), panel) * V);
    }

    /** Bytes of the weights of {@code chunk} input channels of a panel {@code width} vectors wide. */
    static long chunkBytes(int width, int chunk) {
        return (long) TAPS * chunk * width * V;
    }

    /** Bytes of scratch that {@link #pack} needs: a chunk of a panel. */
    static long packScratchBytes(ConvShape s) {
        return chunkBytes(PackedB.PANEL, chunk(s));
    }

    /** @param w (M, C, 3, 3) */
    static void pack(long w, ConvShape s, long to, long scratch) {
        for (int panel = 0; panel < PackedB.panels(s.m()); panel++) {
            int first = panel * PackedB.PANEL_COLUMNS, columns = Math.min(PackedB.PANEL_COLUMNS, s.m() - first);
            long row = PackedB.width(s.m(), panel) * V;
            for (int c = 0, chunk; c < s.c(); c += chunk) {
                chunk = Math.min(chunk(s), s.c() - c);
                // Rows of (channel, tap), as the weights have them side by side; then they change places.
                PackedB.pack(w + ((long) first * s.c() + c) * TAPS * 4, 1, (long) s.c() * TAPS, chunk * TAPS, columns, scratch, 0, 1);
                long at = to + at(s, panel, c);
                for (int t = 0; t < TAPS; t++)
                    for (int i = 0; i < chunk; i++, at += row)
                        Memory.copy(scratch + (i * TAPS + t) * row, at, row);
            }
        }
    }

    /** Bytes from one point of a transformed chunk to the next: a cache line more than the data, so that points do not share cache sets. */
    static long pointBytes(int width, int chunk) {
        return chunk * width * V + 64;
    }

    /**
     * {@code G g Gᵀ} of a chunk ({@link WinogradWeightTransform}, {@link WinogradStride2Transform}).
     *
     * @param width vectors across the panel
     * @param to    point by point {@code chunk} rows of the panel, {@link #pointBytes} apart
     */
    static void transform(long from, int width, int chunk, ConvAlgorithm a, long to) {
        long tap = chunk * width * V, point = pointBytes(width, chunk);
        for (long v = 0; v < tap; v += CALL * V) {
            long bytes = Math.min(CALL * V, tap - v);
            switch (a) {
                case WINOGRAD2 -> WinogradWeightTransform.points4(from + v, tap, to + v, point, bytes);
                case WINOGRAD3 -> WinogradWeightTransform.points5(from + v, tap, to + v, point, bytes);
                case WINOGRAD4 -> WinogradWeightTransform.points6(from + v, tap, to + v, point, bytes);
                case WINOGRAD2_STRIDE2 -> WinogradStride2Transform.points4(from + v, tap, to + v, point, bytes);
                case WINOGRAD3_STRIDE2 -> WinogradStride2Transform.points5(from + v, tap, to + v, point, bytes);
                case DIRECT, DEPTHWISE, WINOGRAD3_PHASES -> throw new IllegalArgumentException(a + " transforms no weights");
            }
        }
    }
}
