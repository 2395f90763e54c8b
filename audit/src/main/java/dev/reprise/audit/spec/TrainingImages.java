package dev.reprise.audit.spec;

import dev.reprise.loaders.synthetic.SyntheticShapes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/** Training sets that can be made again from their description. */
public final class TrainingImages {
    private TrainingImages() {}

    public static boolean knows(Sidecar.Training t) { return t != null && t.dataset().equals("synthetic-shapes"); }

    /** The first {@code most} images of the set, float32 (N, 3, 16, 16) in [-1, 1]. */
    public static Tensor of(Sidecar.Training t, int most, Arena arena) {
        if (!knows(t)) throw new IllegalArgumentException("data set '" + t.dataset() + "' is not known; known is synthetic-shapes");
        SyntheticShapes shapes = new SyntheticShapes(t.seed());
        int n = Math.min(t.count(), most);
        Tensor all = Tensor.allocate(arena, DType.FLOAT32,
                Shape.of(n, SyntheticShapes.CHANNELS, SyntheticShapes.SIZE, SyntheticShapes.SIZE));
        byte[] image = new byte[SyntheticShapes.BYTES];
        for (int i = 0; i < n; i++) {
            shapes.image(t.first() + i, image, 0);
            for (int e = 0; e < image.length; e++)
                all.setFloat((long) i * image.length + e, (image[e] & 0xff) / 127.5f - 1f);
        }
        return all;
    }
}
