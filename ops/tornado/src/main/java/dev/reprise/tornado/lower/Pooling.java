package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** Pools. */
final class Pooling {
    private static final int MAX = 0, MEAN = 1, MEAN_WITH_PADDING = 2;

    private Pooling() {}

    static boolean lower(Op o) {
        switch (o.type()) {
            case "MaxPool" -> pool(o, MAX, false);
            case "AveragePool" -> pool(o, o.integer("count_include_pad", 0) != 0 ? MEAN_WITH_PADDING : MEAN, false);
            case "GlobalAveragePool" -> global(o, MEAN, false);
            case "GlobalMaxPool" -> global(o, MAX, false);
            default -> {
                return false;
            }
        }
        return true;
    }

    static boolean fused(Op o) {
        switch (o.type()) {
            case "MaxPoolChannelsLast" -> pool(o, MAX, true);
            case "AveragePoolChannelsLast" -> pool(o, o.integer("count_include_pad", 0) != 0 ? MEAN_WITH_PADDING : MEAN, true);
            case "GlobalAveragePoolChannelsLast" -> global(o, MEAN, true);
            case "GlobalMaxPoolChannelsLast" -> global(o, MAX, true);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void pool(Op o, int mode, boolean last) {
        o.require(!o.wants(1) && o.integers("kernel_shape", null) != null, "the positions of the largest");
        run(o, mode, last, Window.of(o, o.shape(0), o.integers("kernel_shape", null), last, o.result()));
    }

    private static void global(Op o, int mode, boolean last) {
        Shape x = o.shape(0);
        int first = last ? 1 : 2;
        run(o, mode, last, Window.of(o, x, Arrays.copyOfRange(x.dims(), first, first + x.rank() - 2), last, o.result()));
    }

    private static void run(Op o, int mode, boolean last, Window p) {
        Shape x = o.shape(0), y = o.result();
        o.require(!o.constant(0), "of a constant");
        o.launch(Kind.POOL)
                .words(0, y.size(), x.dim(last ? -1 : 1), p.out()[0], p.out()[1], p.in()[0], p.in()[1], p.kernel()[0], p.kernel()[1],
                        p.stride()[0], p.stride()[1], p.dilation()[0], p.dilation()[1], p.pad()[0], p.pad()[1])
                .words(14, p.strides(x, last))
                .words(18, p.strides(y, last)).words(22, mode).read(23, o.in(0), 0).write(24, o.out(0), 0)
                .words(25, p.in()[0] + p.padEnd()[0], p.in()[1] + p.padEnd()[1]).each(y.size(), 0);
    }
}
