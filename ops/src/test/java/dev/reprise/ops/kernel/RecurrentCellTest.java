package dev.reprise.ops.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The recurrent product: its vectors against one fma after the other, bit for bit. */
class RecurrentCellTest {
    @Test
    void productHasTheBitsOfTheScalarLoop() {
        for (int n : new int[]{1, 3, 4, 7, 8, 13, 16, 17, 31, 64, 100})
            for (int k : new int[]{0, 1, 5, 33}) {
                Random random = new Random(n * 100L + k);
                Tensor m = random(random, (k + 1L) * n), v = random(random, k + 1L);
                // Row 0 of the memory holds the sums, the matrix follows.
                float[] want = new float[n];
                for (int j = 0; j < n; j++) {
                    want[j] = m.getFloat(j);
                    for (int i = 0; i < k; i++)
                        want[j] = Math.fma(v.getFloat(i), m.getFloat((i + 1L) * n + j), want[j]);
                }
                new RecurrentCell.Frame(0, 0, 0, 0, m.data(), 0, 0, 0).addProduct(v.data(), 0, k, 4L * n, 4L * n, 0, n);
                for (int j = 0; j < n; j++)
                    assertEquals(Float.floatToRawIntBits(want[j]), Float.floatToRawIntBits(m.getFloat(j)),
                            "n " + n + ", k " + k + ", at " + j);
            }
    }

    private static Tensor random(Random random, long size) {
        Tensor t = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, Shape.of(size));
        for (long i = 0; i < size; i++)
            t.setFloat(i, (float) random.nextGaussian());
        return t;
    }
}
