package dev.reprise.metrics;

/**
 * Antialiased bilinear resizing of 8-bit planes as Pillow's {@code Image.resize(size, BILINEAR)} computes it, to the byte: a
 * triangle filter widened by the reduction, its weights rounded to 22 bits, horizontal then vertical pass, each rounded to a byte.
 *
 * @param width   of the source
 * @param height  of the source
 * @param columns horizontal filter; null where the width stays
 * @param rows    vertical filter; null where the height stays
 */
record PillowResize(int width, int height, Filter columns, Filter rows) {
    private static final int PRECISION = 32 - 8 - 2;

    /** For each of the outputs: the first input, and the weights of it and the inputs that follow. */
    record Filter(int[] first, int[][] weights) {
        static Filter of(int in, int out) {
            if (in == out) return null;
            double scale = (double) in / out, stretch = Math.max(scale, 1), support = stretch;
            int[] first = new int[out];
            int[][] weights = new int[out][];
            for (int o = 0; o < out; o++) {
                double center = (o + 0.5) * scale;
                int from = Math.max((int) (center - support + 0.5), 0), to = Math.min((int) (center + support + 0.5), in);
                double[] w = new double[to - from];
                double sum = 0;
                for (int i = 0; i < w.length; i++) {
                    double x = Math.abs((i + from - center + 0.5) * (1 / stretch));
                    w[i] = x < 1 ? 1 - x : 0;
                    sum += w[i];
                }
                first[o] = from;
                weights[o] = new int[w.length];
                for (int i = 0; i < w.length; i++)
                    weights[o][i] = (int) (0.5 + w[i] / sum * (1 << PRECISION));
            }
            return new Filter(first, weights);
        }

        int apply(byte[] in, int at, int stride, int o) {
            int sum = 1 << PRECISION - 1, i = at + first[o] * stride;
            for (int w : weights[o]) {
                sum += (in[i] & 0xff) * w;
                i += stride;
            }
            return Math.clamp(sum >> PRECISION, 0, 255);
        }
    }

    static PillowResize of(int width, int height, int newWidth, int newHeight) {
        if (width < 1 || height < 1 || newWidth < 1 || newHeight < 1)
            throw new IllegalArgumentException(
                    "images need at least one pixel: cannot resize " + width + "x" + height + " to " + newWidth + "x" + newHeight);
        return new PillowResize(width, height, Filter.of(width, newWidth), Filter.of(height, newHeight));
    }

    int newWidth() { return columns == null ? width : columns.first.length; }

    int newHeight() { return rows == null ? height : rows.first.length; }

    /** Resizes one plane, row-major. */
    byte[] apply(byte[] plane) {
        int w = newWidth(), h = newHeight();
        byte[] wide = plane;
        if (columns != null) {
            wide = new byte[w * height];
            for (int y = 0; y < height; y++)
                for (int x = 0; x < w; x++)
                    wide[y * w + x] = (byte) columns.apply(plane, y * width, 1, x);
        }
        if (rows == null) return wide;
        byte[] out = new byte[w * h];
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                out[y * w + x] = (byte) rows.apply(wide, x, w, y);
        return out;
    }
}
