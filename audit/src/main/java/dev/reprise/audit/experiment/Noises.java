package dev.reprise.audit.experiment;

import dev.reprise.audit.spec.Seeds;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.Noise;
import dev.reprise.samplers.noise.TorchGenerator;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** The noises that a set of images starts from, in order. */
public sealed interface Noises {
    int count();

    /** Noises {@code begin … end − 1} of the set, float32 (end − begin, shape…). */
    Tensor draw(int begin, int end, Shape shape, Arena arena);

    /** Which noises these are, for the key of what is made of them. */
    String name(int begin, int end);

    /** First noise of the piece of work after the one that {@code begin} is in: sets that overlap have pieces in common. */
    default int next(int begin, int size) {
        return Math.min(count(), begin + size);
    }

    /** One for each seed. */
    record Seeded(Seeds seeds) implements Noises {
        @Override
        public int count() { return seeds.count(); }

        @Override
        public Tensor draw(int begin, int end, Shape shape, Arena arena) {
            return Noise.perSeed(arena, seeds.first() + begin, seeds.first() + end - 1, shape);
        }

        @Override
        public String name(int begin, int end) {
            return TorchGenerator.PROFILE + " seeds " + (seeds.first() + begin) + "-" + (seeds.first() + end - 1);
        }

        @Override
        public int next(int begin, int size) {
            long seed = seeds.first() + begin;
            return (int) Math.min(count(), (seed / size + 1) * size - seeds.first());
        }
    }

    /**
     * A plane through three noises: {@code ε_0 + α (ε_1 − ε_0) + β (ε_2 − ε_0)} (figure 7 of the paper), point
     * {@code (row, column)} of the grid with α of the column and β of the row. With slerp the same weights
     * {@code (1 − α − β, α, β)} are normalized to length 1 first, so that every noise has the variance that models expect; at
     * the three noises themselves both are the same.
     */
    record Plane(long[] anchors, boolean slerp, double from, double to, int points) implements Noises {
        @Override
        public int count() { return points * points; }

        /** α of a column, or β of a row. */
        double at(int i) { return from + (to - from) * i / (points - 1); }

        @Override
        public Tensor draw(int begin, int end, Shape shape, Arena arena) {
            float[][] e = new float[3][];
            for (int a = 0; a < 3; a++)
                e[a] = Noise.perSeed(arena, anchors[a], anchors[a], shape).toFloats();
            long[] dims = new long[shape.rank() + 1];
            dims[0] = end - begin;
            System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
            Tensor out = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
            for (int n = begin; n < end; n++) {
                double alpha = at(n % points), beta = at(n / points), first = 1 - alpha - beta;
                double scale = slerp ? 1 / Math.sqrt(first * first + alpha * alpha + beta * beta) : 1;
                long at = (long) (n - begin) * e[0].length;
                for (int i = 0; i < e[0].length; i++)
                    out.setFloat(at + i, (float) (scale * (first * e[0][i] + alpha * e[1][i] + beta * e[2][i])));
            }
            return out;
        }

        @Override
        public String name(int begin, int end) {
            return TorchGenerator.PROFILE + " plane " + Arrays.toString(anchors) + (slerp ? " slerp " : " linear ") + from + " " + to + " "
                    + points + ", points " + begin + "-" + (end - 1);
        }

        @Override
        public boolean equals(Object o) { return o instanceof Plane p && name(0, 1).equals(p.name(0, 1)); }

        @Override
        public int hashCode() { return name(0, 1).hashCode(); }
    }
}
