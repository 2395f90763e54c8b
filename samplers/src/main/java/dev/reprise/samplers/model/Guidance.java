package dev.reprise.samplers.model;

/** Denoisers steered towards a condition. */
public final class Guidance {
    private Guidance() {}

    /**
     * {@code D = D_0 + w (D_1 − D_0)} (Ho and Salimans 2022, eq. 6): one run of 2B rows.
     *
     * @param both the denoiser of a batch of 2B rows, B without the condition (or with a negative one) and then B with it
     * @param b    B
     */
    public static Denoiser classifierFree(Denoiser both, int b, double weight) {
        if (!Double.isFinite(weight)) throw new IllegalArgumentException("the guidance weight must be finite, found " + weight);
        return new ClassifierFree(both, b, weight);
    }

    private record ClassifierFree(Denoiser both, int b, double weight) implements Denoiser {
        @Override
        public void denoise(double[][] x, double[] sigma, double[][] x0) {
            int n = x.length;
            if (n != b) throw new IllegalArgumentException("batch of " + n + " rows, but " + b + " conditions");
            double[][] twice = new double[2 * n][], out = new double[2 * n][];
            double[] noise = new double[2 * n];
            for (int i = 0; i < 2 * n; i++) {
                twice[i] = x[i % n];
                out[i] = new double[x[i % n].length];
                noise[i] = sigma[i % n];
            }
            both.denoise(twice, noise, out);
            for (int i = 0; i < n; i++)
                for (int e = 0; e < x0[i].length; e++)
                    x0[i][e] = out[i][e] + weight * (out[n + i][e] - out[i][e]);
        }

        @Override
        public Denoiser rows(int... rows) {
            int[] two = new int[2 * rows.length];
            for (int i = 0; i < rows.length; i++) {
                two[i] = rows[i];
                two[rows.length + i] = b + rows[i];
            }
            return new ClassifierFree(both.rows(two), rows.length, weight);
        }
    }

    /** {@code ∇_x ln p(y | x; σ)} of a classifier of noisy images, for x over its scale. */
    @FunctionalInterface
    public interface Gradient {
        /** @param gradient receives the gradients, one row a sample */
        void at(double[][] x, double[] sigma, double[][] gradient);

        /** The gradient for some rows of the batch. */
        default Gradient rows(int... rows) { return this; }
    }

    /**
     * Classifier guidance (Dhariwal and Nichol 2021, algorithm 2): the score gains {@code w ∇ ln p(y | x)}, so
     * {@code D = D_0 + w σ² ∇ ln p(y | x)}.
     */
    public static Denoiser classifier(Denoiser d, Gradient g, double weight) { return new Classifier(d, g, weight); }

    private record Classifier(Denoiser d, Gradient g, double weight) implements Denoiser {
        @Override
        public void denoise(double[][] x, double[] sigma, double[][] x0) {
            d.denoise(x, sigma, x0);
            double[][] gradient = new double[x.length][];
            for (int i = 0; i < x.length; i++)
                gradient[i] = new double[x[i].length];
            g.at(x, sigma, gradient);
            for (int i = 0; i < x.length; i++)
                for (int e = 0; e < x0[i].length; e++)
                    x0[i][e] += weight * sigma[i] * sigma[i] * gradient[i][e];
        }

        @Override
        public Denoiser rows(int... rows) { return new Classifier(d.rows(rows), g.rows(rows), weight); }
    }
}
