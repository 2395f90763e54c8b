package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.GroupNorm;
import dev.reprise.ops.kernel.NormDoubles;
import dev.reprise.ops.kernel.Unary;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/**
 * GroupNormalization (since 18 with scale and bias a group, since 21 a channel), InstanceNormalization (1, 6, 22), and what passes
 * make of them: {@code GroupNormActivation} on (N, C, …) and {@code GroupNormChannelsLast} on (N, …, C), both with inputs x, scale
 * (C), bias (C) and attributes num_groups, epsilon, activation (none, silu, relu, gelu, gelu_tanh, mish, sigmoid, tanh).
 */
final class GroupNorms {
    private GroupNorms() {}

    static void register(Registry r) {
        r.add("GroupNormalization", 18, Halves.of(c -> bind(c, Math.toIntExact(c.attributes().integer("num_groups")), false, true, null)),
                "epsilon",
                "num_groups", "stash_type");
        r.add("GroupNormalization", 21, Halves.of(c -> bind(c, Math.toIntExact(c.attributes().integer("num_groups")), false, false, null)),
                "epsilon",
                "num_groups", "stash_type");
        r.add("InstanceNormalization", 1, Halves.of(c -> bind(c, c.shape(0).dimInt(1), false, false, null)), "epsilon", "consumed_inputs");
        r.addInternal("GroupNormActivation", c -> internal(c, false));
        r.addInternal("GroupNormChannelsLast", c -> internal(c, true));
    }

    private static Binding internal(BindContext c, boolean last) {
        return bind(c, Math.toIntExact(c.attributes().integer("num_groups")), last, false,
                activation(c.attributes().string("activation", "none")));
    }

    private static Unary activation(String name) {
        return switch (name) {
            case "none" -> null;
            case "silu" -> Unary.SILU;
            case "relu" -> Unary.RELU;
            case "gelu" -> Unary.GELU_ERF;
            case "gelu_tanh" -> Unary.GELU_TANH;
            case "mish" -> Unary.MISH;
            case "sigmoid" -> Unary.SIGMOID;
            case "tanh" -> Unary.TANH;
            default -> throw new IllegalArgumentException("activation '" + name + "' is not known");
        };
    }

    private static Binding bind(BindContext c, int groups, boolean last, boolean perGroup, Unary activation) {
        Shape s = c.shape(0);
        DType t = c.dtype(0);
        c.require(s.rank() >= 2, "expected (N, C, …), found shape " + s);
        int channels = s.dimInt(last ? s.rank() - 1 : 1), samples = s.dimInt(0);
        c.require(groups > 0 && channels % groups == 0, channels + " channels do not divide into " + groups + " groups");
        int pixels = Math.toIntExact(last ? s.product(1, s.rank() - 1) : s.product(2, s.rank()));
        long params = perGroup ? groups : channels;
        for (int i = 1; i < 3; i++)
            c.require(c.shape(i).size() == params && c.dtype(i) == t,
                    "input " + i + " must be " + t + "[" + params + "], found " + c.dtype(i) + c.shape(i));
        float epsilon = c.attributes().real("epsilon", 1e-5f);
        int repeat = perGroup ? channels / groups : 1;
        return switch (t) {
            case FLOAT32 -> Binding
                    .of(t, s, new GroupNorm(samples, channels, pixels, groups, epsilon, repeat, last, activation)).withBatched(0);
            case FLOAT64 -> {
                if (last || activation != null) throw c.unsupported("element type " + t);
                yield Binding.of(t, s, NormDoubles.groups(samples, channels, pixels, groups, epsilon, repeat));
            }
            default -> throw c.unsupported("element type " + t);
        };
    }
}
