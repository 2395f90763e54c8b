package dev.reprise.metrics;

/**
 * A probability estimated from n independent noises, with its 95 % confidence interval after Wilson (1927), which stays
 * inside [0, 1] and is honest at its ends.
 *
 * @param name  what was counted: "RP", "MAE", "GL", …
 * @param count how often it was so
 * @param n     of how many
 * @param value count / n
 * @param low   lower end of the interval
 * @param high  upper end
 */
public record Score(String name, long count, long n, double value, double low, double high) {
    /** The 97.5 % point of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /** @throws IllegalArgumentException where n is below 1 or count outside [0, n] */
    public static Score of(String name, long count, long n) {
        if (n < 1 || count < 0 || count > n)
            throw new IllegalArgumentException(name + " needs at least one sample and 0 <= count <= n, found " + count + " of " + n);
        double p = count / (double) n, z2 = Z * Z / n;
        double center = (p + z2 / 2) / (1 + z2), half = Z * Math.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2);
        // At the ends the bound is exactly 0 or 1; rounding may miss it.
        return new Score(name, count, n, p, count == 0 ? 0 : Math.max(0, center - half), count == n ? 1 : Math.min(1, center + half));
    }
}
