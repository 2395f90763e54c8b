package dev.reprise.samplers.model;

/**
 * What a network's output F means, written as the preconditioning of Karras et al. 2022 (eq. 7):
 * {@code D(x; σ) = c_skip x + c_out F(c_in x; time)}, where x is the sample over its scale s.
 */
public sealed interface Parameterization {
    /** The three factors at one noise level. */
    record Factors(double in, double skip, double out) {}

    /** The factors for scale s and noise ratio sigma. */
    Factors at(double s, double sigma);

    /** F is the noise ε: {@code x_0 = (x_t − s σ ε)/s}. The network sees x_t. */
    record Epsilon() implements Parameterization {
        @Override
        public Factors at(double s, double sigma) { return new Factors(s, 1, -sigma); }
    }

    /** F is the clean image. The network sees x_t. */
    record X0() implements Parameterization {
        @Override
        public Factors at(double s, double sigma) { return new Factors(s, 0, 1); }
    }

    /**
     * F is {@code v = s ε − s σ x_0} (Salimans and Ho 2022, appendix D), so {@code x_0 = s x_t − s σ v}. The network sees
     * x_t. Needs a variance-preserving kernel, {@code s² + s²σ² = 1}.
     */
    record V() implements Parameterization {
        @Override
        public Factors at(double s, double sigma) { return new Factors(s, s * s, -s * sigma); }
    }

    /** F is the raw network of EDM (Karras et al. 2022, table 1), of data with standard deviation sigmaData. */
    record Edm(double sigmaData) implements Parameterization {
        public Edm { if (!(sigmaData > 0)) throw new IllegalArgumentException("sigmaData must be positive, found " + sigmaData); }

        @Override
        public Factors at(double s, double sigma) {
            double d2 = sigmaData * sigmaData, v2 = sigma * sigma + d2, v = Math.sqrt(v2);
            return new Factors(1 / v, d2 / v2, sigma * sigmaData / v);
        }
    }

    /**
     * By the name that model metadata uses: epsilon, x0, v, edm.
     *
     * @param sigmaData used by edm alone
     */
    static Parameterization named(String name, double sigmaData) {
        return switch (name) {
            case "epsilon" -> new Epsilon();
            case "x0" -> new X0();
            case "v" -> new V();
            case "edm" -> new Edm(sigmaData);
            default -> throw new IllegalArgumentException("parameterization '" + name + "' is not known; use epsilon, x0, v or edm");
        };
    }
}
