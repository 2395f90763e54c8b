package dev.reprise.samplers.schedule;

import java.util.Arrays;

/**
 * The variance-preserving kernel of DDPM: N steps with {@code ᾱ_i = Π_{j≤i} (1 − β_j)}, i from 0. Between the steps it is
 * continued as DPM-Solver does (Lu et al. 2022, appendix D.4): step i lies at {@code t = (i + 1)/N}, so a network that takes
 * an index sees {@code t N − 1}, fractions allowed, and {@code ln s = ½ ln ᾱ} is linear in t between two steps.
 * At a step itself every value is exactly the step's, and {@link #t} of a step's sigma is exactly its time.
 */
public final class VpDiscrete implements Schedule {
    private final String name;
    private final double[] beta, logS, sigma;

    private VpDiscrete(String name, double[] beta) {
        int n = beta.length;
        if (n < 2) throw new IllegalArgumentException("vp-discrete schedule needs at least 2 steps, found " + n);
        this.name = name;
        this.beta = beta.clone();
        logS = new double[n];
        sigma = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            if (!(beta[i] > 0 && beta[i] < 1))
                throw new IllegalArgumentException("vp-discrete schedule needs betas in (0, 1), found " + beta[i] + " at step " + i);
            sum += 0.5 * StrictMath.log1p(-beta[i]);
            logS[i] = sum;
            sigma[i] = Math.sqrt(StrictMath.expm1(-2 * sum));
        }
    }

    /** Given betas, one a step. */
    public static VpDiscrete of(double... beta) { return new VpDiscrete("given betas", beta); }

    /** DDPM: betas evenly spaced from betaMin to betaMax, both included (1e-4, 0.02 and 1000 in Ho et al. 2020). */
    public static VpDiscrete linear(double betaMin, double betaMax, int steps) {
        return new VpDiscrete("linear betas " + betaMin + " to " + betaMax, spaced(betaMin, betaMax, steps));
    }

    /** Stable Diffusion: the square roots of the betas evenly spaced (8.5e-4, 0.012 and 1000 there). */
    public static VpDiscrete scaledLinear(double betaMin, double betaMax, int steps) {
        double[] b = spaced(Math.sqrt(betaMin), Math.sqrt(betaMax), steps);
        for (int i = 0; i < b.length; i++)
            b[i] *= b[i];
        return new VpDiscrete("scaled linear betas " + betaMin + " to " + betaMax, b);
    }

    /** Nichol and Dhariwal 2021, eq. 17: {@code ᾱ(t) = cos²((t + 0.008)/1.008 · π/2)}, betas at most 0.999. */
    public static VpDiscrete cosine(int steps) {
        double[] b = new double[Math.max(steps, 0)];
        for (int i = 0; i < b.length; i++) {
            double now = StrictMath.cos((i / (double) steps + 0.008) / 1.008 * Math.PI / 2);
            double next = StrictMath.cos(((i + 1) / (double) steps + 0.008) / 1.008 * Math.PI / 2);
            b[i] = Math.min(1 - next * next / (now * now), 0.999);
        }
        return new VpDiscrete("cosine betas", b);
    }

    /**
     * iDDPM as Karras et al. 2022 write it (table 1 and appendix C.3.4): M steps, {@code u_{j−1} = √((u_j² + 1)/max(ᾱ_{j−1}/ᾱ_j, C_1) − 1)},
     * {@code ᾱ_j = sin²(π/2 j/(M (C_2 + 1)))}. C_1 = 0.001, C_2 = 0.008 and M = 1000 make it {@link #cosine}.
     */
    public static VpDiscrete iddpm(int steps, double c1, double c2) {
        double[] b = new double[Math.max(steps, 0)];
        for (int i = 0; i < b.length; i++) {
            double now = StrictMath.sin(Math.PI / 2 * (steps - i) / steps / (c2 + 1));
            double next = StrictMath.sin(Math.PI / 2 * (steps - i - 1) / steps / (c2 + 1));
            b[i] = 1 - Math.max(next * next / (now * now), c1);
        }
        return new VpDiscrete("iDDPM, C1 " + c1 + ", C2 " + c2, b);
    }

    private static double[] spaced(double from, double to, int n) {
        double[] b = new double[Math.max(n, 0)];
        for (int i = 0; i < b.length; i++)
            b[i] = n == 1 ? from : from + (to - from) * i / (n - 1);
        return b;
    }

    /** Number of steps N. */
    public int steps() { return beta.length; }

    public double beta(int i) { return beta[i]; }

    /** ᾱ_i. */
    public double alphaBar(int i) { return StrictMath.exp(2 * logS[i]); }

    /** The time of step i, {@code (i + 1)/N}. */
    public double timeOf(int i) { return (i + 1) / (double) beta.length; }

    /** The index, fractions allowed, that a network sees at time t: {@code t N − 1}. */
    public double indexOf(double t) {
        double i = t * beta.length - 1, whole = Math.rint(i);
        if (Math.abs(i - whole) < 1e-9) i = whole;
        if (!(i >= 0 && i <= beta.length - 1))
            throw new IllegalArgumentException("t " + t + " is outside [" + tMin() + ", " + tMax() + "] of " + this);
        return i;
    }

    @Override
    public double tMin() { return timeOf(0); }

    @Override
    public double tMax() { return 1; }

    private double logS(double t) {
        double i = indexOf(t);
        int k = (int) i;
        return i == k ? logS[k] : logS[k] + (i - k) * (logS[k + 1] - logS[k]);
    }

    @Override
    public double s(double t) { return StrictMath.exp(logS(t)); }

    @Override
    public double sigma(double t) {
        double i = indexOf(t);
        return i == (int) i ? sigma[(int) i] : Math.sqrt(StrictMath.expm1(-2 * logS(t)));
    }

    /** Constant between two steps; at a step, that of the interval below it. */
    @Override
    public double f(double t) {
        int k = Math.clamp((int) Math.ceil(indexOf(t)), 1, beta.length - 1);
        return (logS[k] - logS[k - 1]) * beta.length;
    }

    @Override
    public double g2(double t) { return -2 * f(t); }

    @Override
    public double t(double value) {
        double v = checkSigma(value);
        int at = Arrays.binarySearch(sigma, v);
        if (at >= 0) return timeOf(at);
        int k = -at - 2;
        double want = -0.5 * StrictMath.log1p(v * v);
        double part = Math.clamp((want - logS[k]) / (logS[k + 1] - logS[k]), 0, 1);
        return (k + 1 + part) / beta.length;
    }

    @Override
    public double priorStd() { return 1; }

    @Override
    public boolean equals(Object o) { return o instanceof VpDiscrete v && Arrays.equals(beta, v.beta); }

    @Override
    public int hashCode() { return Arrays.hashCode(beta); }

    @Override
    public String toString() { return "VpDiscrete[" + name + ", " + beta.length + " steps]"; }
}
