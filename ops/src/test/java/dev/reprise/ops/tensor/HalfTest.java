package dev.reprise.ops.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfTest {
    /** Every float16 survives; values between two neighbours go to the nearer, ties to the even one. */
    @Test
    void doubleToFloat16RoundsOnce() {
        long seed = 20250101;
        Random random = new Random(seed);
        for (int bits = 0; bits < 0x7c00; bits++) {
            double low = Float.float16ToFloat((short) bits), high = bits + 1 == 0x7c00 ? 65536 : Float.float16ToFloat((short) (bits + 1));
            double middle = (low + high) / 2;
            assertThat(Half.floatToFloat16(low)).isEqualTo((short) bits);
            assertThat(Half.floatToFloat16(middle)).as("tie above %s", low).isEqualTo((short) (bits % 2 == 0 ? bits : bits + 1));
            assertThat(Half.floatToFloat16(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
            assertThat(Half.floatToFloat16(Math.nextDown(middle))).isEqualTo((short) bits);
            double x = low + (high - low) * random.nextDouble();
            assertThat(Half.floatToFloat16(-x)).as("seed %s", seed).isEqualTo((short) (Half.floatToFloat16(x) | 0x8000));
        }
        assertThat(Float.float16ToFloat(Half.floatToFloat16(Double.NaN))).isNaN();
        assertThat(Float.float16ToFloat(Half.floatToFloat16(1e300))).isInfinite();
    }

    @Test
    void bfloat16RoundsToNearestEven() {
        for (int high = 0; high < 0x7f80; high++) {
            float low = Float.intBitsToFloat(high << 16);
            assertThat(Half.floatToBfloat16(low)).isEqualTo((short) high);
            assertThat(Half.floatToBfloat16(Float.intBitsToFloat(high << 16 | 0x8000))).isEqualTo((short) (high + (high & 1)));
            assertThat(Half.floatToBfloat16(Float.intBitsToFloat(high << 16 | 0x8001))).isEqualTo((short) (high + 1));
            assertThat(Half.bfloat16ToFloat((short) high)).isEqualTo(low);
        }
        assertThat(Half.bfloat16ToFloat(Half.floatToBfloat16(Float.NaN))).isNaN();
    }

    @Test
    void unsignedLongsToDouble() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            long bits = random.nextLong();
            double expected = new BigDecimal(Long.toUnsignedString(bits)).doubleValue();
            assertThat(Half.unsignedToDouble(bits)).isEqualTo(expected);
        }
        assertThat(Half.unsignedToDouble(-1)).isEqualTo(0x1p64);
    }
}
