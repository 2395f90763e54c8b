package dev.reprise.audit.spec;

import dev.reprise.audit.spec.Sidecar.Training;
import dev.reprise.loaders.data.DataSet;
import dev.reprise.loaders.data.DataSets;
import dev.reprise.loaders.data.Split;
import dev.reprise.metrics.Descriptor;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Training sets, from what a model's metadata or a spec says of them. */
public final class TrainingImages {
    private static final int BATCH = 256;

    private TrainingImages() {}

    /** True where the set can be had: it is generated, or its file is there. */
    public static boolean knows(Training t) {
        return t != null && (t.generated() || Files.exists(Path.of(t.dataset())));
    }

    /**
     * Opens a set.
     *
     * @throws dev.reprise.loaders.LoadException where its file is damaged or no data set
     * @throws IllegalArgumentException          where it has fewer images
     */
    public static DataSet open(Training t) {
        if (t.generated()) return DataSets.shapes(t.seed(), t.first(), t.count());
        DataSet whole = DataSets.open(Path.of(t.dataset()), Split.named(t.split()));
        if (t.drawn()) return whole.subset(t.count(), t.seed());
        int all = whole.info().count(), first = Math.toIntExact(Math.min(t.first(), all));
        if (first == 0 && (t.count() == 0 || t.count() == all)) return whole;
        return whole.range(first, t.count() == 0 ? all - first : t.count());
    }

    /** The first {@code most} images of the set, float32 (N, C, H, W) in [-1, 1]. */
    public static Tensor of(Training t, int most, Arena arena) {
        DataSet set = open(t);
        return most >= set.info().count() ? set.images(arena) : set.range(0, most).images(arena);
    }

    /** The descriptor of every image of a set, float32 (N, D), with the memory of some images at a time. */
    public static Tensor describe(DataSet set, Descriptor descriptor, Arena arena) {
        Tensor[] all = new Tensor[1];
        set.batches(BATCH, (indices, images) -> {
            try (Arena own = Arena.ofShared()) {
                Tensor d = descriptor.describe(images, own);
                if (all[0] == null) all[0] = Tensor.allocate(arena, DType.FLOAT32, Shape.of(set.info().count(), d.shape().dim(1)));
                long row = 4 * d.shape().dim(1);
                for (int i = 0; i < indices.length; i++)
                    MemorySegment.copy(d.data(), i * row, all[0].data(), indices[i] * row, row);
            }
        });
        return all[0];
    }
}
