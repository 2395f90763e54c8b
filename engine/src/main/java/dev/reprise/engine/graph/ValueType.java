package dev.reprise.engine.graph;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The type of a {@link Value}, with dimensions that may be symbolic. */
public sealed interface ValueType {
    /** @param dims the dimensions, or null where the rank is unknown */
    record TensorType(DType dtype, List<Dim> dims) implements ValueType {
        /** The concrete shape, or null where a dimension or the rank is not known. */
        public Shape shape() {
            if (dims == null) return null;
            long[] d = new long[dims.size()];
            for (int i = 0; i < d.length; i++) {
                if (!(dims.get(i) instanceof Dim.Known k)) return null;
                d[i] = k.size();
            }
            return Shape.of(d);
        }

        @Override
        public String toString() {
            return dtype.name().toLowerCase(Locale.ROOT)
                    + (dims == null ? "[…]" : dims.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]")));
        }
    }

    record SequenceType(ValueType element) implements ValueType {}

    record OptionalType(ValueType element) implements ValueType {}

    /** One dimension of a declared type. */
    sealed interface Dim {
        Dim UNKNOWN = new Symbol("?");

        record Known(long size) implements Dim {
            @Override
            public String toString() { return Long.toString(size); }
        }

        /** A dimension named in the model (ONNX {@code dim_param}) or unknown ("?"). */
        record Symbol(String name) implements Dim {
            @Override
            public String toString() { return name; }
        }
    }

    static TensorType of(DType dtype, Shape shape) {
        List<Dim> dims = new ArrayList<>();
        for (long d : shape.dims())
            dims.add(new Dim.Known(d));
        return new TensorType(dtype, List.copyOf(dims));
    }
}
