package dev.reprise.samplers.noise;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The tables of {@link Libm}. That of sine and cosine, and the logarithms, are computed here; the reciprocals that the C
 * library picks near 1/c for the rounding of their logarithms can only be listed.
 */
final class LibmTables {
    static final int LOG_INTERVALS = 128;
    /** Lower end of the first interval, as bits: 0.6875. */
    static final long LOG_BEGIN = 0x3fe6000000000000L;
    private static final int LOG_SHIFT = 45;
    /** What table entries of the logarithm are multiples of: adding a multiple of ln 2 stays exact. */
    private static final double LOG_UNIT = 0x1p43;
    /** sin and cos of k/128, for arguments up to 0.8555 (k = 110 is the last one that rounding can reach). */
    private static final int SINES = 112;
    private static final MathContext DIGITS = new MathContext(60);

    /** About 1/c, where c is the middle of interval i, and the logarithm of its reciprocal. */
    static final double[] RECIPROCAL = new double[LOG_INTERVALS], LOG = new double[LOG_INTERVALS];
    /** Entry 4k is sin(k/128) as a double, 4k+1 what it lacks, 4k+2 and 4k+3 the same of cos. */
    static final double[] SINE = new double[4 * SINES];

    /** How many units in the last place the reciprocal of interval i lies from that of its middle. */
    private static final int[] OFFSET = {
        -23142382, -57643754, -234334839, -124664804, 19045012, -123323398, -501163255, 342479926, -234593306, 57421184,
        513617488, -240891478, 85169741, 28659150, 284053799, 342563057, -68420459, -346144712, -90113766, -464022980,
        285342708, -489548825, 376054848, 47397812, -423637851, -260988534, 336107021, 448241578, 154177355, 447893384,
        241227555, -420636714, -218426730, -96876684, -205835218, -368178198, -345128710, -510284502, 481763731, 209336112,
        429336310, 15489329, 442353177, -417834330, 73183371, 515232680, 507984536, 83787275, 330409952, 151596684,
        377744204, 198302857, 214798271, -345957716, 356163107, 215510022, -229897960, -131709726, 215213618, -464519207,
        -332821996, 385780520, -400344786, 256208139, 478356527, 345720337, 128466877, 217515751, -162048343, 295127580,
        -235892775, -69369347, 93666841, -272860130, 91915174, 29018059, 258893229, 386009280, -241633007, 68399381,
        386341370, 408940642, 65060217, -120872168, 189498853, -32395328, -49955913, 154042178, -346113480, 148348366,
        -396488327, -427431396, 107119491, -500798201, 212184347, 305888811, -330297730, -91422864, 6707636, 273897542,
        -512931067, -500150233, 485589437, -280752730, 106848032, 30953893, -291342514, -408884927, 149302919, -107851081,
        225432558, 460497078, -452391632, -490679353, 508304210, 493208081, 336502878, 526975298, -457361038, -312310462,
        -365194252, -421357131, 362015322, 310793228, -441535439, -69145545, -528727990, 433364383};

    static {
        for (int i = 0; i < LOG_INTERVALS; i++) {
            double begin = Double.longBitsToDouble(LOG_BEGIN + ((long) i << LOG_SHIFT));
            double end = Double.longBitsToDouble(LOG_BEGIN + ((long) i + 1 << LOG_SHIFT));
            RECIPROCAL[i] = Double.longBitsToDouble(Double.doubleToRawLongBits(1 / ((begin + end) / 2)) + OFFSET[i]);
            LOG[i] = Math.rint(-StrictMath.log(RECIPROCAL[i]) * LOG_UNIT) / LOG_UNIT + 0.0;
        }
        for (int k = 0; k < SINES; k++) {
            BigDecimal x = BigDecimal.valueOf(k).divide(BigDecimal.valueOf(128));
            split(series(x, x, 1), 4 * k);
            split(series(x, BigDecimal.ONE, 0), 4 * k + 2);
        }
    }

    private LibmTables() {}

    /** Interval of a number whose bits less {@link #LOG_BEGIN} are given. */
    static int interval(long offset) {
        return (int) (offset >>> LOG_SHIFT) & LOG_INTERVALS - 1;
    }

    /** The power series of sine (first = x, power 1) or cosine (1, 0). */
    private static BigDecimal series(BigDecimal x, BigDecimal first, int power) {
        BigDecimal sum = BigDecimal.ZERO, term = first;
        for (int n = power; term.abs().compareTo(new BigDecimal("1e-55")) > 0; n += 2) {
            sum = sum.add(term);
            term = term.multiply(x).multiply(x).negate().divide(BigDecimal.valueOf((n + 1L) * (n + 2L)), DIGITS);
        }
        return sum;
    }

    private static void split(BigDecimal v, int at) {
        SINE[at] = v.doubleValue();
        SINE[at + 1] = v.subtract(new BigDecimal(SINE[at])).doubleValue();
    }
}
