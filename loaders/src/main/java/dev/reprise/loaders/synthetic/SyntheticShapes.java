package dev.reprise.loaders.synthetic;

/**
 * A colour image set whose distribution is known exactly: one bright shape on a mesh of four dark corner colours.
 *
 * <p>Image {@code i} is a pure function of {@code (seed, i)}; nothing is stored and any index in the whole range of
 * {@code long} is valid, so a training set, a held-out set and a set of 64 images to be memorized are ranges of indices.
 * Only IEEE 754 {@code + - * /}, {@code sqrt} and {@link StrictMath#cos} are used: the bytes are the same everywhere.
 *
 * <h2>The distribution</h2>
 *
 * Each image draws the following, all independent; {@code U(a, b)} is uniform on [a, b).
 *
 * <table>
 * <caption>Latent variables of one image, in drawing order</caption>
 * <tr><th>draw</th><th>variable</th><th>law</th></tr>
 * <tr><td>0</td><td>class: disc, square, triangle, ring, cross</td><td>uniform, 1/5 each</td></tr>
 * <tr><td>1, 2</td><td>centre of the shape, x and y, pixels</td><td>U(5.5, 10.5)</td></tr>
 * <tr><td>3</td><td>radius r, pixels</td><td>U(3.25, 4.75)</td></tr>
 * <tr><td>4</td><td>key hue h, turns</td><td>U(0, 1)</td></tr>
 * <tr><td>5</td><td>hue of the shape</td><td>h + 1/2 + U(-0.15, 0.15)</td></tr>
 * <tr><td>6</td><td>value of the shape</td><td>U(0.85, 1)</td></tr>
 * <tr><td>7, 9, 11, 13</td><td>hue of corners NW, NE, SW, SE</td><td>h + U(-0.22, 0.22)</td></tr>
 * <tr><td>8, 10, 12, 14</td><td>value of corners NW, NE, SW, SE</td><td>U(0.2, 0.7)</td></tr>
 * </table>
 *
 * <p>Draw {@code k} of image {@code i} is the top 53 bits, divided by 2<sup>53</sup>, of SplitMix64's finalizer applied
 * to {@code finalizer(seed + i * 0x9E3779B97F4A7C15) + (k + 1) * 0xD1B54A32D192ED03}.
 *
 * <h2>The picture</h2>
 *
 * A colour of hue h, saturation s and value v has the channels {@code v (1 - s (1/2 - 1/2 cos 2π(h - k/3)))}, k = 0, 1, 2
 * for red, green, blue; s is 0.8 for corners and 0.6 for shapes. The background interpolates the corner colours
 * bilinearly between the centres of the corner pixels. A pixel whose centre lies at the signed distance d (pixels,
 * negative inside) from the shape's outline is covered by it with weight {@code clamp(1/2 - d, 0, 1)}. Shapes, around the centre:
 *
 * <ul>
 *   <li>disc: radius r;
 *   <li>square: half side 0.85 r, axis-parallel;
 *   <li>triangle: equilateral, pointing up, circumradius 1.25 r, its centroid on the centre;
 *   <li>ring: mean radius 0.8 r, half width 0.3 r;
 *   <li>cross: two axis-parallel bars, half length 1.05 r, half width 0.35 r.
 * </ul>
 *
 * The three channels are multiplied by 255 and rounded half up to 8 bits. (Signed distances of the triangle and the cross
 * are those to the nearest edge line, so their corners are mitred.)
 */
public final class SyntheticShapes {

    /** Width and height of an image. */
    public static final int SIZE = 16;

    /** Channels of an image: red, green, blue. */
    public static final int CHANNELS = 3;

    /** Bytes of an image. */
    public static final int BYTES = CHANNELS * SIZE * SIZE;

    /** Seed of the data set that the embedded models were trained on. */
    public static final long DEFAULT_SEED = 20_240_607L;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long STREAM = 0xD1B54A32D192ED03L;
    private static final double SQRT3_HALF = 0.8660254037844386;

    /** What is drawn; the class label is the ordinal. */
    public enum Kind {
        /** A filled circle. */
        DISC,
        /** An axis-parallel filled square. */
        SQUARE,
        /** An equilateral triangle pointing up. */
        TRIANGLE,
        /** A circle's outline. */
        RING,
        /** Two axis-parallel bars. */
        CROSS;

        private static final Kind[] ALL = values();
    }

    private final long seed;

    /** The data set of the embedded models. */
    public SyntheticShapes() { this(DEFAULT_SEED); }

    /**
     * A data set of its own.
     *
     * @param seed distinguishes data sets of the same distribution
     */
    public SyntheticShapes(long seed) { this.seed = seed; }

    /**
     * The class of an image.
     *
     * @param index any number
     * @return the class, each with probability 1/5
     */
    public Kind kind(long index) { return Kind.ALL[(int) (uniform(key(index), 0) * Kind.ALL.length)]; }

    /**
     * The class label of an image.
     *
     * @param index any number
     * @return 0 (disc) to 4 (cross)
     */
    public int label(long index) { return kind(index).ordinal(); }

    /**
     * Draws one image.
     *
     * @param index any number
     * @return {@value #BYTES} unsigned bytes, channel by channel, row by row: shape (3, 16, 16)
     */
    public byte[] image(long index) {
        byte[] pixels = new byte[BYTES];
        image(index, pixels, 0);
        return pixels;
    }

    /**
     * Draws one image into an array.
     *
     * @param index any number
     * @param into  where the {@value #BYTES} bytes go, shape (3, 16, 16)
     * @param at    position of the first byte
     */
    public void image(long index, byte[] into, int at) {
        long key = key(index);
        Kind kind = kind(index);
        double cx = between(key, 1, 5.5, 10.5);
        double cy = between(key, 2, 5.5, 10.5);
        double radius = between(key, 3, 3.25, 4.75);
        double hue = uniform(key, 4);
        double[] shape = colour(hue + 0.5 + between(key, 5, -0.15, 0.15), 0.6, between(key, 6, 0.85, 1));
        double[][] corner = new double[4][];
        for (int i = 0; i < 4; i++) {
            corner[i] = colour(hue + between(key, 7 + 2 * i, -0.22, 0.22), 0.8, between(key, 8 + 2 * i, 0.2, 0.7));
        }
        for (int y = 0; y < SIZE; y++) {
            double down = y / (SIZE - 1.0);
            for (int x = 0; x < SIZE; x++) {
                double right = x / (SIZE - 1.0);
                double distance = distance(kind, x + 0.5 - cx, y + 0.5 - cy, radius);
                double cover = Math.clamp(0.5 - distance, 0.0, 1.0);
                for (int c = 0; c < CHANNELS; c++) {
                    double top = corner[0][c] + right * (corner[1][c] - corner[0][c]);
                    double bottom = corner[2][c] + right * (corner[3][c] - corner[2][c]);
                    double ground = top + down * (bottom - top);
                    double value = ground + cover * (shape[c] - ground);
                    into[at + (c * SIZE + y) * SIZE + x] = (byte) (int) (value * 255 + 0.5);
                }
            }
        }
    }

    /** Signed distance in pixels of the point (x, y), seen from the shape's centre, to its outline; negative inside. */
    private static double distance(Kind kind, double x, double y, double r) {
        double ax = Math.abs(x);
        double ay = Math.abs(y);
        return switch (kind) {
            case DISC -> Math.sqrt(x * x + y * y) - r;
            case SQUARE -> Math.max(ax, ay) - 0.85 * r;
            case TRIANGLE -> Math.max(y, SQRT3_HALF * ax - 0.5 * y) - 0.625 * r;
            case RING -> Math.abs(Math.sqrt(x * x + y * y) - 0.8 * r) - 0.3 * r;
            case CROSS -> Math.max(Math.min(ax, ay) - 0.35 * r, Math.max(ax, ay) - 1.05 * r);
        };
    }

    private static double[] colour(double hue, double saturation, double value) {
        double[] rgb = new double[CHANNELS];
        for (int k = 0; k < CHANNELS; k++) {
            double away = 0.5 - 0.5 * StrictMath.cos(2 * StrictMath.PI * (hue - k / 3.0));
            rgb[k] = value * (1 - saturation * away);
        }
        return rgb;
    }

    private long key(long index) { return finalizer(seed + index * GOLDEN); }

    private static double between(long key, int draw, double low, double high) { return low + uniform(key, draw) * (high - low); }

    private static double uniform(long key, int draw) { return (finalizer(key + (draw + 1) * STREAM) >>> 11) * 0x1p-53; }

    /** Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014: the mixing step of SplitMix64. */
    private static long finalizer(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
