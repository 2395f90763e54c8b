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

    /** F is the score {@code ∇ln p_t(x_t) = (s x_0 − x_t)/(s²σ²)}. The network sees x_t. */
    record Score() implements Parameterization {
        @Override
        public Factors at(double s, double sigma) { return new Factors(s, 1, s * sigma * sigma); }
    }

    /**
     * F is σ times the score of {@code x_0 + σε}, which is −ε: the "VE" preconditioning of Karras et al. 2022 (table 1). The
     * network sees x over its scale, and {@code ln(σ/2)}.
     */
    record Ve() implements Parameterization {
        @Override
        public Factors at(double s, double sigma) { return new Factors(1, 1, sigma); }
    }

    /** F is the velocity {@code ε − x_0} of a straight path (Lipman et al. 2023). The network sees x_t. */
    record Velocity() implements Parameterization {
        @Override
        public Factors at(double s, double sigma) {
            // x_0 = (x_t − s σ F)/(s + s σ), where s + s σ = 1 on the path itself.
            double whole = s + s * sigma;
            return new Factors(s, s / whole, -s * sigma / whole);
        }
    }

    /**
     * F is the raw network of a consistency model (Song et al. 2023, eq. 5 and appendix C): EDM's factors, moved so that at sigmaMin
     * the image is x itself.
     */
    record Consistency(double sigmaData, double sigmaMin) implements Parameterization {
        public Consistency {
            if (!(sigmaData > 0 && sigmaMin > 0))
                throw new IllegalArgumentException("sigmaData and sigmaMin must be positive, found " + sigmaData + " and " + sigmaMin);
        }

        @Override
        public Factors at(double s, double sigma) {
            double d2 = sigmaData * sigmaData, v = Math.sqrt(sigma * sigma + d2), above = sigma - sigmaMin;
            return new Factors(1 / v, d2 / (above * above + d2), sigmaData * above / v);
        }
    }

    /**
     * By the name that model metadata uses: epsilon, x0, v, score, edm, ve, flow, consistency. The VP and iDDPM preconditionings
     * of Karras et al. 2022 are epsilon on their kernels.
     *
     * @param sigmaData used by edm and consistency
     * @param sigmaMin  used by consistency
     */
    static Parameterization named(String name, double sigmaData, double sigmaMin) {
        return switch (name) {
            case "epsilon" -> new Epsilon();
            case "x0" -> new X0();
            case "v" -> new V();
            case "score" -> new Score();
            case "edm" -> new Edm(sigmaData);
            case "ve" -> new Ve();
            case "flow" -> new Velocity();
            case "consistency" -> new Consistency(sigmaData, sigmaMin);
            default -> throw new IllegalArgumentException(
                    "parameterization '" + name + "' is not known; use epsilon, x0, v, score, edm, ve, flow or consistency");
        };
    }

    /** {@link #named(String, double, double)} where sigmaMin is 0.002. */
    static Parameterization named(String name, double sigmaData) {
        return named(name, sigmaData, 0.002);
    }
}
