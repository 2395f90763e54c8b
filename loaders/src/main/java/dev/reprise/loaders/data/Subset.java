package dev.reprise.loaders.data;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Some images of a set, in an order of their own.
 *
 * <p>A random subset takes the first {@code count} entries of a shuffle (Fisher and Yates) of 0 … n − 1: for k = 0, 1, …
 * entry k is swapped with entry k + ⌊r_k (n − k) / 2⁶⁴⌋, where r_k is the unsigned output k of SplitMix64 (Steele, Lea and
 * Flood, 2014) started at the seed. So it can be made again in any language.
 */
final class Subset implements DataSet {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final DataSet base;
    private final Info info;
    private final String how;
    /** For each image of the base its number here, or −1. */
    private final int[] place;

    private Subset(DataSet base, String name, String how, int[] chosen) {
        this.base = base;
        this.how = how;
        this.info = base.info().with(name, chosen.length);
        this.place = new int[base.info().count()];
        Arrays.fill(place, -1);
        for (int k = 0; k < chosen.length; k++)
            place[chosen[k]] = k;
    }

    static DataSet random(DataSet base, int count, long seed) {
        check(base, 0, count);
        return new Subset(base, base.info().name() + ", " + count + " images drawn with seed " + seed, "random " + count + " " + seed,
                Arrays.copyOf(shuffled(base.info().count(), count, seed), count));
    }

    static DataSet range(DataSet base, int first, int count) {
        check(base, first, count);
        int[] chosen = new int[count];
        Arrays.setAll(chosen, k -> first + k);
        return new Subset(base, base.info().name() + ", images " + first + " to " + (first + count - 1), "range " + first + " " + count,
                chosen);
    }

    private static void check(DataSet base, int first, int count) {
        if (count < 1 || first < 0 || count > base.info().count() - first)
            throw new IllegalArgumentException(
                    base.info().name() + " has images 0 to " + (base.info().count() - 1) + ": cannot take " + count
                            + " from number " + first);
    }

    /** 0 … n − 1, of which the first {@code count} are shuffled. */
    static int[] shuffled(int n, int count, long seed) {
        int[] p = new int[n];
        Arrays.setAll(p, i -> i);
        for (int k = 0; k < count; k++) {
            int j = k + (int) Math.unsignedMultiplyHigh(mixed(seed + (k + 1) * GOLDEN), n - k);
            int t = p[k];
            p[k] = p[j];
            p[j] = t;
        }
        return p;
    }

    private static long mixed(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public Info info() { return info; }

    @Override
    public String identity() { return base.identity() + ", " + how; }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        base.read(i -> place[i] >= 0 && wanted.test(place[i]), (index, pixels, label) -> visitor.image(place[index], pixels, label));
    }
}
