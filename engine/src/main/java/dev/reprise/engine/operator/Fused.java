package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Activation;

/** Attributes that fused internal operators share. */
final class Fused {
    private Fused() {}

    /** The "activation" attribute; none where it is absent. */
    static Activation activation(BindContext c) {
        try {
            return Activation.of(c.attributes().string("activation", "none"));
        } catch (IllegalArgumentException e) {
            throw c.error(e.getMessage());
        }
    }
}
