package dev.reprise.loaders.synthetic;

import dev.reprise.loaders.npy.Npy;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a range of {@link SyntheticShapes} as NumPy arrays, for training elsewhere.
 *
 * <p>{@code ExportShapes FOLDER FIRST COUNT [SEED]} writes {@code images.npy}, uint8 of shape (COUNT, 3, 16, 16), and
 * {@code labels.npy}, uint8 of shape (COUNT).
 */
public final class ExportShapes {

    private ExportShapes() {}

    /**
     * Runs the export.
     *
     * @param args folder, first index, count and, optionally, the data set's seed
     * @throws IOException if the folder cannot be made
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 3 && args.length != 4) {
            throw new IllegalArgumentException("expected FOLDER FIRST COUNT [SEED], got " + args.length + " arguments");
        }
        long seed = args.length == 4 ? Long.parseLong(args[3]) : SyntheticShapes.DEFAULT_SEED;
        export(Path.of(args[0]), new SyntheticShapes(seed), Long.parseLong(args[1]), Integer.parseInt(args[2]));
    }

    /**
     * Writes {@code images.npy} and {@code labels.npy}.
     *
     * @param folder created if missing
     * @param shapes the data set
     * @param first  the first index
     * @param count  how many
     * @throws IOException if the folder cannot be made
     */
    public static void export(Path folder, SyntheticShapes shapes, long first, int count) throws IOException {
        Files.createDirectories(folder);
        try (Arena arena = Arena.ofConfined()) {
            Tensor images = Tensor.allocate(arena, DType.UINT8,
                    Shape.of(count, SyntheticShapes.CHANNELS, SyntheticShapes.SIZE, SyntheticShapes.SIZE));
            Tensor labels = Tensor.allocate(arena, DType.UINT8, Shape.of(count));
            byte[] image = new byte[SyntheticShapes.BYTES];
            for (int i = 0; i < count; i++) {
                shapes.image(first + i, image, 0);
                MemorySegment.copy(image, 0, images.data(), ValueLayout.JAVA_BYTE, (long) i * SyntheticShapes.BYTES, image.length);
                labels.data().set(ValueLayout.JAVA_BYTE, i, (byte) shapes.label(first + i));
            }
            Npy.write(folder.resolve("images.npy"), images);
            Npy.write(folder.resolve("labels.npy"), labels);
        }
    }
}
