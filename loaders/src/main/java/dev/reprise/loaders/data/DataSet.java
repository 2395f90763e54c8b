package dev.reprise.loaders.data;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A set of 8-bit images of one size, numbered from 0. Images are read as a stream, as often as one likes, with the memory
 * of one image (or of one compressed file of the set); {@link #images} and {@link #batches} collect them into tensors.
 *
 * <p>The numbering is part of a set's definition: {@code docs/datasets.md} says for each format what image 0 is.
 */
public interface DataSet {
    /** The label of an image of a set without labels. */
    int NO_LABEL = -1;

    /**
     * What a set holds.
     *
     * @param name     for reports
     * @param count    number of images
     * @param channels 1 (grey) or 3 (RGB)
     * @param height   of every image
     * @param width    of every image
     * @param classes  names by label; empty where the set has none
     */
    record Info(String name, int count, int channels, int height, int width, List<String> classes) {
        public Info { classes = List.copyOf(classes); }

        /** Bytes of one image. */
        public int imageBytes() { return Math.multiplyExact(channels, Math.multiplyExact(height, width)); }

        /** Shape of {@code n} images: (n, channels, height, width). */
        public Shape shape(int n) {
            return Shape.of(n, channels, height, width);
        }

        Info with(String newName, int newCount) { return new Info(newName, newCount, channels, height, width, classes); }
    }

    /** Is shown images. */
    @FunctionalInterface
    interface Visitor {
        /**
         * @param index  number of the image
         * @param pixels unsigned bytes, shape (channels, height, width); the array is used again for the next image
         * @param label  its class, or {@link #NO_LABEL}
         */
        void image(int index, byte[] pixels, int label);
    }

    /** Is shown images in pieces. */
    @FunctionalInterface
    interface BatchVisitor {
        /**
         * @param indices numbers of the images
         * @param images  float32 (indices.length, channels, height, width) in [−1, 1]; valid during the call only
         */
        void batch(int[] indices, Tensor images);
    }

    Info info();

    /**
     * Says which images these are: sets of equal identity hold the same images in the same order. For files it is made
     * of their SHA-256, so that the first call reads them.
     */
    String identity();

    /**
     * Shows every wanted image once, in whatever order the file holds them.
     *
     * @param wanted which images, by number
     * @throws dev.reprise.loaders.LoadException where the file cannot be read, is damaged, or is no longer what it was when it was opened
     */
    void read(IntPredicate wanted, Visitor visitor);

    /**
     * {@code count} images chosen at random without repetition: image k is image π(k) of this set, π the permutation that
     * {@link Subset} describes. It depends on the set's size and the seed alone, and a smaller subset of one seed is the
     * beginning of a larger one.
     *
     * @throws IllegalArgumentException where this set has fewer images
     */
    default DataSet subset(int count, long seed) { return Subset.random(this, count, seed); }

    /** Images {@code first … first + count − 1}. */
    default DataSet range(int first, int count) { return Subset.range(this, first, count); }

    /** The whole set, float32 (N, channels, height, width): {@code byte / 127.5 − 1}, which quantizes back to that byte. */
    default Tensor images(Arena arena) {
        int size = info().imageBytes();
        Tensor all = Tensor.allocate(arena, DType.FLOAT32, info().shape(info().count()));
        read(_ -> true, (index, pixels, _) -> toFloats(pixels, all, (long) index * size));
        return all;
    }

    /** The whole set as uint8 (N, channels, height, width). */
    default Tensor bytes(Arena arena) {
        int size = info().imageBytes();
        Tensor all = Tensor.allocate(arena, DType.UINT8, info().shape(info().count()));
        read(_ -> true, (index, pixels, _) -> MemorySegment.copy(pixels, 0, all.data(), Tensor.I8, (long) index * size, size));
        return all;
    }

    /** Every label, by number. */
    default int[] labels() {
        int[] labels = new int[info().count()];
        read(_ -> true, (index, _, label) -> labels[index] = label);
        return labels;
    }

    /**
     * Shows the set in pieces of {@code size} images (the last one may be smaller), in whatever order the file holds them.
     */
    default void batches(int size, BatchVisitor visitor) {
        if (size < 1) throw new IllegalArgumentException("a batch needs at least 1 image, found " + size);
        int bytes = info().imageBytes();
        try (Arena arena = Arena.ofShared()) {
            Tensor batch = Tensor.allocate(arena, DType.FLOAT32, info().shape(size));
            int[] indices = new int[size];
            int[] filled = new int[1];
            read(_ -> true, (index, pixels, _) -> {
                indices[filled[0]] = index;
                toFloats(pixels, batch, (long) filled[0] * bytes);
                if (++filled[0] < size) return;
                visitor.batch(indices.clone(), batch);
                filled[0] = 0;
            });
            if (filled[0] > 0) visitor.batch(java.util.Arrays.copyOf(indices, filled[0]), batch.rows(0, filled[0]));
        }
    }

    private static void toFloats(byte[] pixels, Tensor into, long at) {
        for (int e = 0; e < pixels.length; e++)
            into.setFloat(at + e, (pixels[e] & 0xff) / 127.5f - 1f);
    }
}
