package dev.reprise.ops.kernel;

/**
 * The sizes of a convolution over one to three spatial dimensions; fewer than three are preceded by dimensions of 1. All
 * arrays have length 3 (depth, height, width).
 *
 * @param batch    images
 * @param c        input channels, a multiple of {@code group}
 * @param m        output channels, a multiple of {@code group}
 * @param pad      zeros before the first element; those behind the last follow from {@code out}
 */
public record ConvShape(int batch, int group, int c, int m, int[] in, int[] kernel, int[] stride, int[] dilation, int[] pad, int[] out) {
    /** Extends arrays of one to three spatial sizes to three. */
    public static ConvShape of(int batch, int group, int c, int m, int[] in, int[] kernel, int[] stride, int[] dilation, int[] pad,
            int[] out) {
        return new ConvShape(batch, group, c, m, three(in, 1), three(kernel, 1), three(stride, 1), three(dilation, 1), three(pad, 0),
                three(out, 1));
    }

    private static int[] three(int[] v, int fill) {
        int[] r = {fill, fill, fill};
        System.arraycopy(v, 0, r, 3 - v.length, v.length);
        return r;
    }

    /** Input channels of a group. */
    int groupC() { return c / group; }

    /** Output channels of a group. */
    int groupM() { return m / group; }

    int taps() { return kernel[0] * kernel[1] * kernel[2]; }

    /** Length of the sum behind one output element. */
    int k() { return taps() * groupC(); }

    int inPixels() { return in[0] * in[1] * in[2]; }

    int outPixels() { return out[0] * out[1] * out[2]; }

    /** True where the convolution is a matrix product over pixels as they lie in memory. */
    boolean pointwise() {
        boolean p = taps() == 1;
        for (int i = 0; i < 3; i++)
            p &= stride[i] == 1 && pad[i] == 0 && in[i] == out[i];
        return p;
    }

    boolean depthwise() { return groupC() == 1 && groupM() == 1; }

    long flops() { return 2L * batch * outPixels() * m * k(); }
}
