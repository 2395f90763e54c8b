package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Conv;
import dev.reprise.ops.kernel.ConvAlgorithm;
import dev.reprise.ops.kernel.ConvMaxPool;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.PoolWindow;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/**
 * The internal ConvMaxPoolChannelsLast, a ResNet's first layers: inputs x (N, H, W, C), constant weights (M, C, 7, 7), optional bias (M); output (N, H', W', M); the attributes of Conv, and
 * those of MaxPool behind "{@value #POOL}". y = maxpool(relu(conv(x) + bias)), where {@link ConvMaxPool} computes that.
 */
public final class ConvMaxPools {
    public static final String NAME = "ConvMaxPoolChannelsLast", POOL = "pool_";

    private record Sizes(ConvShape conv, ConvAlgorithm algorithm, PoolWindow.Axis down, PoolWindow.Axis across) {
        static Sizes of(BindContext c) {
            Shape w = c.shape(1), x = c.shape(0);
            c.require(x.rank() == 4 && w.rank() == 4, "the input and the weights must have 4 dimensions, found " + x + " and " + w);
            ConvShape s = ConvAttributes.of(c, w).shape(c, Convs.first(x), w);
            PoolWindow.Axis[] axes = Pooling.axes(c, POOL, s.out()[1], s.out()[2]);
            return new Sizes(s, ConvAlgorithm.of(s, c.exact()), axes[0], axes[1]);
        }

        boolean fit() { return ConvMaxPool.applies(conv, algorithm, down, across); }
    }

    private ConvMaxPools() {}

    static void register(Registry r) { r.addInternal(NAME, ConvMaxPools::bind); }

    /** Whether such a node, with images of float32, can be bound. */
    public static boolean fits(BindContext c) { return Sizes.of(c).fit(); }

    private static Binding bind(BindContext c) {
        Sizes s = Sizes.of(c);
        c.require(c.dtype(0) == DType.FLOAT32 && s.fit(), "it cannot take the maximum of " + s);
        if (c.has(2))
            c.require(c.shape(2).size() == s.conv.m(), "the bias must have " + s.conv.m() + " elements, found shape " + c.shape(2));
        Tensor packed = c.packed(1, Conv.form(s.conv, s.algorithm), Conv.packing(s.conv, s.algorithm));
        return Binding.of(DType.FLOAT32, Shape.of(s.conv.batch(), s.down.out(), s.across.out(), s.conv.m()),
                new ConvMaxPool(s.conv, packed, s.down, s.across)).withBatched(0);
    }
}
