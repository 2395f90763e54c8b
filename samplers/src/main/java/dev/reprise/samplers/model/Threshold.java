package dev.reprise.samplers.model;

import java.util.Arrays;

/** What is done to an estimate of x_0 that leaves the range of images. */
public sealed interface Threshold {
    /** Changes one estimate in place. */
    void apply(double[] x0);

    /** A denoiser whose estimates pass this threshold. */
    default Denoiser of(Denoiser d) { return new Thresholded(d, this); }

    /** Clips to a range, most often [−1, 1]. */
    record Clip(double min, double max) implements Threshold {
        public Clip { if (!(min < max)) throw new IllegalArgumentException("clip needs min < max, found [" + min + ", " + max + "]"); }

        @Override
        public void apply(double[] x0) { for (int e = 0; e < x0.length; e++)
            x0[e] = Math.min(Math.max(x0[e], min), max); }
    }

    /**
     * Dynamic thresholding (Saharia et al. 2022, section 2.3): s is the {@code ratio} quantile of |x_0| of a sample, kept in
     * [1, limit]; clip to [−s, s] and divide by s. The quantile interpolates linearly, as torch.quantile does.
     */
    record Dynamic(double ratio, double limit) implements Threshold {
        /** The paper's 0.995, and no limit. */
        public static final Dynamic DEFAULT = new Dynamic(0.995, Double.POSITIVE_INFINITY);

        public Dynamic {
            if (!(ratio > 0 && ratio <= 1) || !(limit >= 1))
                throw new IllegalArgumentException(
                        "dynamic thresholding needs 0 < ratio <= 1 and limit >= 1, found " + ratio + ", " + limit);
        }

        @Override
        public void apply(double[] x0) {
            double[] a = new double[x0.length];
            for (int e = 0; e < a.length; e++)
                a[e] = Math.abs(x0[e]);
            Arrays.sort(a);
            double at = ratio * (a.length - 1);
            int low = (int) at;
            double q = low + 1 < a.length ? a[low] + (at - low) * (a[low + 1] - a[low]) : a[low];
            double s = Math.min(Math.max(q, 1), limit);
            for (int e = 0; e < x0.length; e++)
                x0[e] = Math.min(Math.max(x0[e], -s), s) / s;
        }
    }

    /** Nested so that nothing else can be made of it than {@link #of}. */
    record Thresholded(Denoiser d, Threshold threshold) implements Denoiser {
        @Override
        public void denoise(double[][] x, double[] sigma, double[][] x0) {
            d.denoise(x, sigma, x0);
            for (double[] row : x0)
                threshold.apply(row);
        }

        @Override
        public Denoiser rows(int... rows) { return new Thresholded(d.rows(rows), threshold); }
    }

    /** By the name of command lines: {@code clip}, {@code clip=MIN/MAX}, {@code dynamic}, {@code dynamic=RATIO}, {@code dynamic=RATIO/LIMIT}. */
    static Threshold named(String text, ModelSpec.Range range) {
        String[] part = text.split("[=/]");
        try {
            if (part[0].equals("clip") && part.length == 1) return new Clip(range.min(), range.max());
            if (part[0].equals("clip") && part.length == 3) return new Clip(Double.parseDouble(part[1]), Double.parseDouble(part[2]));
            if (part[0].equals("dynamic") && part.length == 1) return Dynamic.DEFAULT;
            if (part[0].equals("dynamic") && part.length <= 3)
                return new Dynamic(Double.parseDouble(part[1]), part.length == 3 ? Double.parseDouble(part[2]) : Double.POSITIVE_INFINITY);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("threshold '" + text + "' has something that is no number", e);
        }
        throw new IllegalArgumentException(
                "threshold '" + text + "' is not known; use clip, clip=MIN/MAX, dynamic, dynamic=RATIO or dynamic=RATIO/LIMIT");
    }
}
