package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.lines;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * ONNX RNN, GRU and LSTM in float32: walks every sample through time, in one or two directions. Samples and directions
 * are independent, so they are what the workers share.
 *
 * <p>Inputs: X, W (directions, gates · hidden, input), R (directions, gates · hidden, hidden), bias, lengths, first h, first
 * c, peepholes; all after R may be null. Outputs: Y, last h, last c; each may be null.
 *
 * @param cells      one a direction
 * @param backward   whether the first direction walks backward (the second always does)
 * @param batchFirst layout 1: X is (batch, steps, input) instead of (steps, batch, input), and the batch leads elsewhere too
 * @param clip       bound of what enters the activations; infinite for none
 */
public record Recurrent(List<RecurrentCell> cells, int steps, int batch, int input, int hidden, boolean backward, boolean batchFirst,
        float clip) implements Kernel {

    @Override
    public long scratchBytes(int threads) { return weights() * cells.size() + own() * threads; }

    private int all() { return cells.getFirst().gates() * hidden; }

    /** Bytes of one direction's transposed W and R. */
    private long weights() { return lines(4L * all() * (input + hidden)); }

    /** Bytes of one worker's gates and state. */
    private long own() { return lines(8L * all() + 8L * hidden); }

    @Override
    public long flops() { return 2L * cells.size() * steps * batch * all() * (input + hidden); }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long rAt = 4L * all() * input;
        for (int d = 0; d < cells.size(); d++) {
            MemorySegment own = scratch.asSlice(d * weights(), weights());
            StridedCopy.toContiguous(4, new long[]{input, all()}, new long[]{1, input}, (long) d * all() * input).copy(in[1].data(), own,
                    workers);
            StridedCopy.toContiguous(4, new long[]{hidden, all()}, new long[]{1, hidden}, (long) d * all() * hidden).copy(in[2].data(),
                    own.asSlice(rAt), workers);
        }
        workers.run((long) cells.size() * batch, 1, (begin, end, worker) -> {
            long mine = cells.size() * weights() + worker * own();
            for (long item = begin; item < end; item++) {
                int d = (int) (item / batch);
                walk(new RecurrentCell.Frame(input, hidden, cells.getFirst().gates(), clip, scratch, d * weights(), d * weights() + rAt,
                        mine), in,
                        out, d, (int) (item % batch));
            }
        });
    }

    private static Tensor at(Tensor[] t, int i) { return i < t.length ? t[i] : null; }

    private void walk(RecurrentCell.Frame f, Tensor[] in, Tensor[] out, int d, int b) {
        int directions = cells.size();
        long row = 4L * hidden, state = (batchFirst ? (long) b * directions + d : (long) d * batch + b) * row;
        Tensor bias = at(in, 3), lengths = at(in, 4), peephole = at(in, 7), y = at(out, 0);
        long length = lengths == null ? steps : lengths.getLong(b);
        if (length < 0 || length > steps)
            throw new IllegalArgumentException("sequence length " + length + " of sample " + b + " is outside [0, " + steps + "]");
        start(f, at(in, 5), state, f.h);
        start(f, at(in, 6), state, f.c);
        f.x = in[0].data();
        f.bias = bias == null ? null : bias.data();
        f.biasAt = 8L * all() * d;
        f.peephole = peephole == null ? null : peephole.data();
        f.peepholeAt = 3 * row * d;
        for (long s = 0; s < steps; s++) {
            boolean live = s < length;
            long t = live && (d == 1 || backward) ? length - 1 - s : s;
            f.xAt = 4L * input * (batchFirst ? b * (long) steps + t : t * batch + b);
            if (live) cells.get(d).step(f);
            if (y == null) continue;
            long to = row * (batchFirst ? (b * (long) steps + t) * directions + d : (t * directions + d) * batch + b);
            if (live) MemorySegment.copy(f.scratch, f.h, y.data(), to, row);
            else Elements.fill(y.data(), to, row, 1, 0);
        }
        if (at(out, 1) != null) MemorySegment.copy(f.scratch, f.h, out[1].data(), state, row);
        if (at(out, 2) != null) MemorySegment.copy(f.scratch, f.c, out[2].data(), state, row);
    }

    private void start(RecurrentCell.Frame f, Tensor first, long from, long to) {
        if (first == null) Elements.fill(f.scratch, to, 4L * hidden, 1, 0);
        else MemorySegment.copy(first.data(), from, f.scratch, to, 4L * hidden);
    }
}
