package dev.reprise.ops.tensor;

import java.util.List;

/** What an edge of an ONNX graph may carry at run time: a tensor, a sequence, or an optional. */
public sealed interface Datum permits Tensor, Datum.Sequence, Datum.Optional {
    /** ONNX {@code sequence(T)}. */
    record Sequence(List<? extends Datum> elements) implements Datum {
        public Sequence { elements = List.copyOf(elements); }
    }

    /** ONNX {@code optional(T)}; {@code value} is null where it is empty. */
    record Optional(Datum value) implements Datum {}
}
