package dev.reprise.loaders.data;

import dev.reprise.loaders.synthetic.SyntheticShapes;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * The built-in generator's images {@code first … first + count − 1} ({@link SyntheticShapes}): 16 x 16, in colour, five
 * classes.
 */
record GeneratedShapes(long seed, long first, int count) implements DataSet {
    static final String NAME = "synthetic-shapes";

    GeneratedShapes { if (count < 1) throw new IllegalArgumentException(NAME + " needs at least 1 image, found " + count); }

    @Override
    public Info info() {
        return new Info(String.format(Locale.ROOT, "%s %,d to %,d", NAME, first, first + count - 1), count, SyntheticShapes.CHANNELS,
                SyntheticShapes.SIZE, SyntheticShapes.SIZE,
                Arrays.stream(SyntheticShapes.Kind.values()).map(k -> k.name().toLowerCase(Locale.ROOT)).toList());
    }

    @Override
    public String identity() { return NAME + " " + seed + " " + first + " " + count; }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        SyntheticShapes shapes = new SyntheticShapes(seed);
        byte[] pixels = new byte[SyntheticShapes.BYTES];
        for (int i = 0; i < count; i++)
            if (wanted.test(i)) {
                shapes.image(first + i, pixels, 0);
                visitor.image(i, pixels, shapes.label(first + i));
            }
    }
}
