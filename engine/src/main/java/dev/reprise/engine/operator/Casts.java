package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Cast;
import dev.reprise.ops.tensor.DType;

/**
 * Cast (since 1, 6, 9, 13, 19, 21, 23) and CastLike (15, 19, 21, 23) between the numeric types. {@code saturate} and {@code round_mode}
 * concern float8 types alone, which are not stored.
 */
final class Casts {
    private Casts() {}

    static void register(Registry r) {
        r.add("Cast", 1, c -> to(c, target(c)), "to", "saturate", "round_mode");
        r.add("CastLike", 15, c -> to(c, c.dtype(1)), "saturate", "round_mode");
    }

    private static DType target(BindContext c) {
        // Set 1 names the type, later sets number it.
        if (c.attributes().get("to") instanceof String name) return switch (name) {
            case "FLOAT" -> DType.FLOAT32;
            case "DOUBLE" -> DType.FLOAT64;
            default -> {
                for (DType t : DType.values())
                    if (t.name().equals(name)) yield t;
                throw c.unsupported("element type " + name);
            }
        };
        int code = Math.toIntExact(c.attributes().integer("to"));
        if (!DType.knows(code)) throw c.unsupported("element type " + code);
        return DType.ofCode(code);
    }

    private static Binding to(BindContext c, DType t) {
        if (t == c.dtype(0)) return Binding.alias(0, t, c.shape(0));
        return Binding.of(t, c.shape(0), Cast.kernel(c.dtype(0), t));
    }
}
