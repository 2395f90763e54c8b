package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** ONNX GatherElements: {@code out[i][j][k] = data[i][index[i][j][k]][k]} for axis 1, and so on for the others. */
public final class GatherElements implements Kernel {
    private final ElementIndex at;
    private final int bytes;

    public GatherElements(Shape data, Shape indices, int axis, int bytes) {
        at = new ElementIndex(data, indices, axis);
        this.bytes = bytes;
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        MemorySegment from = in[0].data(), to = out[0].data();
        Tensor indices = in[1];
        long n = at.rowLength();
        workers.run(at.rows(), Math.max(1, Elements.GRAIN_BYTES / 16 / Math.max(n, 1)), (begin, end, _) -> {
            for (long row = begin; row < end; row++) {
                long base = at.base(row);
                for (long j = 0; j < n; j++)
                    Elements.copy(from, at.position(base, j, indices.getLong(row * n + j)) * bytes, to, (row * n + j) * bytes, bytes);
            }
        });
    }
}
