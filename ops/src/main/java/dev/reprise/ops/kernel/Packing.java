package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;

/**
 * How a kernel wants its weights rearranged. What it needs of memory is known before the work is done, so that the weights of a
 * whole model can be packed by many threads at once while a plan is already made of their places.
 *
 * @param floats size of the packed form
 * @param fill   given the weights and the packed tensor of {@code floats} float32 numbers, zeroed before; runs once, on any thread
 */
public record Packing(long floats, BiConsumer<Tensor, Tensor> fill) {
    public Tensor allocate(Arena arena) { return Tensor.allocate(arena, DType.FLOAT32, Shape.of(floats)); }

    /**
     * The same for weights whose rows (along the first dimension) are dealt out to {@code parts}, as cards are: first rows 0, parts,
     * 2 parts and so on, then rows 1, parts + 1, …
     */
    public Packing dealt(int parts) {
        return new Packing(floats, (weights, to) -> {
            try (Arena own = Arena.ofConfined()) {
                Tensor dealt = Tensor.allocate(own, weights.dtype(), weights.shape());
                long rows = weights.shape().dim(0), bytes = weights.byteSize() / rows;
                for (long i = 0; i < rows; i++)
                    MemorySegment.copy(weights.data(), i * bytes, dealt.data(), (i % parts * (rows / parts) + i / parts) * bytes, bytes);
                fill.accept(dealt, to);
            }
        });
    }

    /** The packed form of these weights. */
    public Tensor pack(Arena arena, Tensor weights) {
        Tensor t = allocate(arena);
        fill.accept(weights, t);
        return t;
    }
}
