package dev.reprise.tornado.lower;

import dev.reprise.ops.device.Subgraph.Operation;
import dev.reprise.ops.device.Subgraph.Port;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.tornado.kernel.Receipts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** One operation while it is lowered: what it is, and where its launches go. */
final class Op {
    private final Lowering to;
    private final Operation op;

    Op(Lowering to, Operation op) {
        this.to = to;
        this.op = op;
    }

    String type() { return op.opType(); }

    int opset() { return op.opset(); }

    int inputs() { return op.inputs().length; }

    int outputs() { return op.outputs().length; }

    boolean has(int i) { return i < op.inputs().length && op.inputs()[i] >= 0; }

    boolean wants(int i) { return i < op.outputs().length && op.outputs()[i] >= 0; }

    Port port(int i) { return to.port(op.inputs()[i]); }

    Shape shape(int i) { return port(i).shape(); }

    Shape result() { return to.port(op.outputs()[0]).shape(); }

    int in(int i) { return op.inputs()[i]; }

    int out(int i) { return op.outputs()[i]; }

    boolean constant(int i) { return port(i).constant() != null; }

    boolean tiled() { return to.tiled(); }

    Refusal refuse(String why) { return new Refusal(op.opType() + ": " + why); }

    void require(boolean ok, String why) { if (!ok) throw refuse(why); }

    /** Refuses attributes that are not known here: they would change what is computed. */
    Op only(String... attributes) {
        for (String name : op.attributes().keySet())
            require(List.of(attributes).contains(name), "attribute '" + name + "'");
        return this;
    }

    /** The values of a constant of integers. */
    long[] longs(int i) {
        require(constant(i), "input " + i + " is not constant");
        return port(i).constant().toLongs();
    }

    float[] floats(int i) {
        require(constant(i), "input " + i + " is not constant");
        return port(i).constant().toFloats();
    }

    long integer(String name, long otherwise) { return op.attributes().get(name) instanceof Long l ? l : otherwise; }

    float real(String name, float otherwise) { return op.attributes().get(name) instanceof Float f ? f : otherwise; }

    String string(String name, String otherwise) { return op.attributes().get(name) instanceof String s ? s : otherwise; }

    float[] reals(String name, float[] otherwise) { return op.attributes().get(name) instanceof float[] f ? f : otherwise; }

    long[] integers(String name, long[] otherwise) { return op.attributes().get(name) instanceof long[] l ? l : otherwise; }

    /** Output 0 is input i under another shape: nothing runs. */
    void alias(int i) {
        require(!constant(i) && port(i).dtype() == DType.FLOAT32, "of " + (constant(i) ? "a constant" : port(i).dtype()));
        to.alias(op.outputs()[0], op.inputs()[i]);
    }

    /** Memory for a result between launches. */
    int temporary(Shape shape) { return to.temporary(new Port(DType.FLOAT32, shape, null)); }

    /** A constant in a form of its own. */
    int region(int i, String form, long size, Consumer<float[]> write) {
        require(size <= Integer.MAX_VALUE, size + " weights are too many for one array");
        Tensor t = port(i).constant();
        return to.region(new Region(List.of(t.data().isNative() ? t.data().address() : t.data(), t.byteSize(), form), (int) size, write));
    }

    int region(float... values) {
        return to.region(new Region(Arrays.toString(values), values.length, a -> System.arraycopy(values, 0, a, 0, a.length)));
    }

    Draft launch(Kind kind) { return new Draft(kind); }

    /** A launch being written. */
    final class Draft {
        private final Kind kind;
        private final int[] words = new int[Kind.WORDS];
        private final List<Launch.Place> places = new ArrayList<>();

        private Draft(Kind kind) { this.kind = kind; }

        Draft words(int at, long... values) {
            for (int i = 0; i < values.length; i++) {
                require(values[i] >= Integer.MIN_VALUE && values[i] <= Integer.MAX_VALUE, values[i] + " does not fit 32 bits");
                if (at + i >= Receipts.BEFORE) throw new IllegalArgumentException("word " + (at + i) + " is the receipt's");
                words[at + i] = (int) values[i];
            }
            return this;
        }

        /** The value's begin at word {@code at}; it must be no constant. */
        Draft read(int at, int value, long plus) {
            return value(at, -1, value, plus, false);
        }

        /** The same of a value or a constant; word {@code space} tells which. */
        Draft readAny(int space, int at, int value, long plus) {
            return value(at, space, value, plus, false);
        }

        /** The begin of a value of integers that the caller gives: they are floats on the device. */
        Draft readIntegers(int at, int value) {
            Port p = to.port(value);
            require((p.dtype() == DType.INT64 || p.dtype() == DType.INT32) && p.constant() == null, "indices of " + p.dtype());
            require(p.shape().size() > 0, "an empty tensor");
            places.add(new Launch.Place(at, -1, value, -1, 0, false));
            return this;
        }

        Draft write(int at, int value, long plus) { return value(at, -1, value, plus, true); }

        private Draft value(int at, int space, int value, long plus, boolean written) {
            Port p = to.port(value);
            require(p.dtype() == DType.FLOAT32, "element type " + p.dtype());
            require(p.shape().size() > 0, "an empty tensor");
            require(plus >= Integer.MIN_VALUE && plus <= Integer.MAX_VALUE, "a tensor over 2^31 elements");
            if (p.constant() == null) places.add(new Launch.Place(at, space, value, -1, (int) plus, written));
            else {
                require(space >= 0, "a constant where a computed value is expected");
                Tensor t = p.constant();
                int region = to.region(new Region(List.of(t.data().isNative() ? t.data().address() : t.data(), t.byteSize(), "plain"),
                        Math.toIntExact(t.size()), a -> System.arraycopy(t.toFloats(), 0, a, 0, a.length)));
                places.add(new Launch.Place(at, space, -1, region, (int) plus, false));
            }
            return this;
        }

        /** The region's begin at word {@code at}. */
        Draft weight(int at, int region) {
            places.add(new Launch.Place(at, -1, -1, region, 0, false));
            return this;
        }

        /** A thread for each of {@code count}. */
        void each(long count, long flops) {
            require(count > 0 && count <= Integer.MAX_VALUE - 64, count + " results");
            emit(new int[]{(int) (count + 63) / 64 * 64, 1, 1}, new int[]{64, 1, 1}, flops);
        }

        /** {@code x} by {@code y} by {@code z} work-groups. */
        void groups(long x, long y, long z, int gx, int gy, long flops) {
            require(x * gx <= Integer.MAX_VALUE && y * gy <= Integer.MAX_VALUE && z <= 65535,
                    "a grid of " + x + " x " + y + " x " + z + " groups");
            emit(new int[]{(int) x * gx, (int) y * gy, (int) z}, new int[]{gx, gy, 1}, flops);
        }

        private void emit(int[] grid, int[] group, long flops) { to.add(new Launch(kind, op.opType(), words, places, grid, group, flops)); }
    }

    static long[] six(long[] from, long fill) {
        long[] r = new long[6];
        Arrays.fill(r, fill);
        System.arraycopy(from, 0, r, 6 - from.length, from.length);
        return r;
    }
}
