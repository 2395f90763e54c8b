package dev.reprise.ops.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every way of copying against a plain walk over coordinates, for random boxes of every element size. */
class StridedCopyTest {
    private static final DType[] TYPES = {DType.INT8, DType.INT16, DType.FLOAT32, DType.INT64};

    @Test
    void randomBoxes() {
        for (long seed = 0; seed < 600; seed++)
            try (Arena arena = Arena.ofShared(); Workers workers = new Workers(1 + (int) (seed % 3))) {
                box(new Random(seed), arena, workers, "seed " + seed, seed % 50 == 0 ? 80 : 9);
            }
    }

    private static void box(Random random, Arena arena, Workers workers, String what, int largest) {
        int rank = random.nextInt(5);
        long[] in = new long[rank];
        for (int i = 0; i < rank; i++)
            in[i] = 1 + random.nextInt(random.nextInt(4) == 0 ? 2 : rank > 3 && largest > 9 ? 24 : largest);
        Shape shape = Shape.of(in);
        DType type = TYPES[random.nextInt(4)];
        // Mapped weights start anywhere: begin at an odd address half of the time.
        long bytes = shape.size() * type.bytes(), skip = random.nextInt(2);
        Tensor from = new Tensor(type, shape, arena.allocate(bytes + 1, Tensor.ALIGNMENT).asSlice(skip, bytes));
        for (long i = 0; i < from.byteSize(); i++)
            from.data().set(Tensor.I8, i, (byte) random.nextInt());
        int[] perm = new int[rank];
        for (int i = 0; i < rank; i++) {
            int k = random.nextInt(i + 1);
            perm[i] = perm[k];
            perm[k] = i;
        }
        if (random.nextInt(4) == 0)
            for (int i = 0; i < rank; i++)
                perm[i] = i;
        long[] own = shape.strides(), dims = new long[rank], strides = new long[rank];
        long offset = 0;
        for (int i = 0; i < rank; i++) {
            long n = in[perm[i]], start = random.nextInt(4) == 0 ? random.nextLong(n) : 0;
            switch (random.nextInt(6)) {
                case 0 -> {
                    // Backwards from the end.
                    dims[i] = n;
                    strides[i] = -own[perm[i]];
                    start = n - 1;
                }
                case 1 -> dims[i] = 1 + random.nextInt(5); // Repeats what start points at.
                default -> {
                    dims[i] = n - start;
                    strides[i] = own[perm[i]];
                }
            }
            offset += start * own[perm[i]];
        }
        Tensor to = Tensor.allocate(arena, from.dtype(), Shape.of(dims));
        StridedCopy.toContiguous(from.dtype().bytes(), dims, strides, offset).run(new Tensor[]{from}, new Tensor[]{to}, null, workers);
        long[] at = new long[rank];
        for (long i = 0; i < to.size(); i++) {
            long source = offset, rest = i;
            for (int a = rank - 1; a >= 0; a--) {
                at[a] = rest % dims[a];
                rest /= dims[a];
                source += at[a] * strides[a];
            }
            int e = from.dtype().bytes();
            assertEquals(Elements.bits(from.data(), source * e, e), Elements.bits(to.data(), i * e, e), what + " at " + i);
        }
    }

    /** Images of three planes become pixels of three, a way of its own: whole vectors, what is left, several images, and parts of them for threads. */
    @Test
    void planesToPixels() {
        for (long pixels : new long[]{1, 2, 7, 8, 15, 16, 17, 48, 63, 65, 100, 5000, 20_003})
            for (int threads = 1; threads <= 3; threads++)
                for (int batch = 1; batch <= 3; batch += 2)
                    for (int skip = 0; skip < 2; skip++)
                        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(threads)) {
                            Shape in = Shape.of(batch, 3, pixels);
                            Tensor from = new Tensor(DType.FLOAT32, in, arena.allocate(in.size() * 4 + 1, 64).asSlice(skip, in.size() * 4));
                            for (long i = 0; i < from.size(); i++)
                                from.data().set(Tensor.I32, i * 4, (int) (i * 0x9E3779B9L)); // NaN of all kinds among them
                            Tensor to = Tensor.allocate(arena, DType.FLOAT32, Shape.of(batch, pixels, 3));
                            StridedCopy.toContiguous(4, new long[]{batch, pixels, 3}, new long[]{3 * pixels, 1, pixels}, 0)
                                    .run(new Tensor[]{from}, new Tensor[]{to}, null, workers);
                            for (long i = 0; i < to.size(); i++) {
                                long source = (i / 3 / pixels * 3 + i % 3) * pixels + i / 3 % pixels;
                                assertEquals(from.data().get(Tensor.I32, source * 4), to.data().get(Tensor.I32, i * 4),
                                        batch + " images of " + pixels + " pixels, " + threads + " threads, at " + i);
                            }
                        }
    }

    @Test
    void writesIntoABoxOfALargerArray() {
        try (Arena arena = Arena.ofShared(); Workers workers = new Workers(2)) {
            Tensor from = Tensor.of(arena, Shape.of(2, 3), 1f, 2, 3, 4, 5, 6), to = Tensor.allocate(arena, DType.FLOAT32, Shape.of(4, 4));
            StridedCopy.of(4, new long[]{2, 3}, new long[]{3, 1}, 0, new long[]{4, 1}, 5).copy(from.data(), to.data(), workers);
            assertEquals("[0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0]",
                    java.util.Arrays.toString(java.util.stream.DoubleStream.of(to.toDoubles()).mapToLong(x -> (long) x).toArray()));
        }
    }
}
