package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Graph;
import dev.reprise.ops.kernel.Elements;
import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * SequenceConstruct, SequenceEmpty, SequenceAt, SequenceInsert, SequenceErase, SequenceLength, ConcatFromSequence (since
 * 11), SplitToSequence (11, 24) and SequenceMap (17). A sequence holds its tensors; it does not copy them.
 */
final class Sequences {
    private Sequences() {}

    static void register(Registry r) {
        r.addDynamic("SequenceConstruct", 11, Sequences::construct);
        r.addDynamic("SequenceEmpty", 11, _ -> new Datum[]{new Datum.Sequence(List.of())}, "dtype");
        r.addDynamic("SequenceAt", 11, Sequences::at);
        r.addDynamic("SequenceInsert", 11, Sequences::insert);
        r.addDynamic("SequenceErase", 11, Sequences::erase);
        r.addDynamic("SequenceLength", 11, Sequences::length);
        r.addDynamic("ConcatFromSequence", 11, Sequences::concat, "axis", "new_axis");
        r.addDynamic("SplitToSequence", 11, Sequences::split, "axis", "keepdims");
        r.addDynamic("SequenceMap", 17, Sequences::map, "body");
    }

    private static List<? extends Datum> sequence(EvalContext c, int i) {
        if (c.has(i) && c.input(i) instanceof Datum.Sequence s) return s.elements();
        throw c.error("input " + i + " must be a sequence, found " + (c.has(i) ? c.input(i) : "nothing"));
    }

    private static Datum[] construct(EvalContext c) {
        List<Datum> all = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++)
            all.add(c.tensor(i));
        return new Datum[]{new Datum.Sequence(all)};
    }

    private static int position(EvalContext c, int input, int n) {
        return (int) Elements.index(c.tensor(input).getLong(0), n, "a sequence of " + n);
    }

    private static Datum[] at(EvalContext c) {
        List<? extends Datum> s = sequence(c, 0);
        return new Datum[]{s.get(position(c, 1, s.size()))};
    }

    private static Datum[] insert(EvalContext c) {
        List<Datum> s = new ArrayList<>(sequence(c, 0));
        int n = s.size();
        long k = c.has(2) ? c.tensor(2).getLong(0) : n;
        // An insertion has one more place than there are elements.
        s.add(k == n ? n : position(c, 2, n), c.tensor(1));
        return new Datum[]{new Datum.Sequence(s)};
    }

    private static Datum[] erase(EvalContext c) {
        List<Datum> s = new ArrayList<>(sequence(c, 0));
        if (s.isEmpty()) throw c.error("nothing can be erased from an empty sequence");
        s.remove(c.has(1) ? position(c, 1, s.size()) : s.size() - 1);
        return new Datum[]{new Datum.Sequence(s)};
    }

    private static Datum[] length(EvalContext c) {
        Tensor n = c.allocate(DType.INT64, Shape.SCALAR);
        n.setLong(0, sequence(c, 0).size());
        return new Datum[]{n};
    }

    private static Datum[] concat(EvalContext c) {
        List<Tensor> parts = new ArrayList<>();
        for (Datum d : sequence(c, 0))
            parts.add(Stack.tensor(c, d));
        if (parts.isEmpty()) throw c.error("an empty sequence cannot be concatenated");
        int axis = Math.toIntExact(c.attributes().integer("axis"));
        if (c.attributes().flag("new_axis", false)) return new Datum[]{Stack.join(c, parts, axis, true, null)};
        Tensor first = parts.getFirst();
        int at = Shape.axis(axis, first.shape().rank());
        long n = 0;
        for (Tensor p : parts) {
            if (p.dtype() != first.dtype() || p.shape().rank() != first.shape().rank()
                    || !p.shape().with(at, first.shape().dim(at)).equals(first.shape()))
                throw c.error("cannot concatenate " + p + " to " + first + " along axis " + at);
            n += p.shape().dim(at);
        }
        Tensor out = c.allocate(first.dtype(), first.shape().with(at, n));
        long outer = first.shape().product(0, at), block = first.shape().product(at + 1, first.shape().rank()) * first.dtype().bytes(),
                done = 0;
        for (Tensor p : parts) {
            long run = p.shape().dim(at) * block;
            StridedCopy.rows(outer, run, run, 0, n * block, done).copy(p.data(), out.data(), c.workers());
            done += run;
        }
        return new Datum[]{out};
    }

    private static Datum[] split(EvalContext c) {
        Tensor t = c.tensor(0);
        int axis = Shape.axis(c.attributes().integer("axis", 0), t.shape().rank());
        long n = t.shape().dim(axis), at = 0;
        boolean drop = !c.has(1) && !c.attributes().flag("keepdims", true);
        List<Tensor> parts = new ArrayList<>();
        if (c.has(1) && c.tensor(1).shape().rank() > 0) for (long size : c.tensor(1).toLongs()) {
            if (size < 0 || at + size > n) throw c.error("split sizes do not make up dimension " + n);
            parts.add(Stack.slice(c, t, axis, at, size));
            at += size;
        }
        else {
            long size = c.has(1) ? c.tensor(1).getLong(0) : 1;
            if (size < 1) throw c.error("the split size must be at least 1, found " + size);
            for (; at < n; at += Math.min(size, n - at)) {
                Tensor p = Stack.slice(c, t, axis, at, Math.min(size, n - at));
                parts.add(drop ? p.reshape(Stack.without(p.shape(), axis)) : p);
            }
        }
        if (at != n) throw c.error("split sizes add up to " + at + ", dimension " + axis + " is " + n);
        return new Datum[]{new Datum.Sequence(parts)};
    }

    private static Datum[] map(EvalContext c) {
        Graph body = c.attributes().graph("body");
        int n = sequence(c, 0).size();
        List<List<Datum>> results = new ArrayList<>();
        for (int k = 0; k < body.outputs().size(); k++)
            results.add(new ArrayList<>());
        for (int i = 0; i < n; i++) {
            List<Datum> in = new ArrayList<>();
            for (int k = 0; k < c.inputs(); k++) {
                // Additional inputs are sequences to walk along, or tensors that every call sees.
                if (c.input(k) instanceof Datum.Sequence s && s.elements().size() != n)
                    throw c.error("input " + k + " has " + s.elements().size() + " elements, input 0 has " + n);
                in.add(c.input(k) instanceof Datum.Sequence s ? s.elements().get(i) : c.input(k));
            }
            List<Datum> out = c.run(body, in);
            for (int k = 0; k < out.size(); k++)
                results.get(k).add(out.get(k));
        }
        return results.stream().map(Datum.Sequence::new).toArray(Datum[]::new);
    }
}
