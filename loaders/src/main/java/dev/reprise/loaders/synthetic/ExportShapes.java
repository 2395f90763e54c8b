package dev.reprise.loaders.synthetic;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
     * @throws IOException if a file cannot be written
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
     * @throws IOException if a file cannot be written
     */
    public static void export(Path folder, SyntheticShapes shapes, long first, int count) throws IOException {
        Files.createDirectories(folder);
        byte[] image = new byte[SyntheticShapes.BYTES];
        try (OutputStream images = open(folder.resolve("images.npy"), count + ", 3, 16, 16");
                OutputStream labels = open(folder.resolve("labels.npy"), count + ",")) {
            for (int i = 0; i < count; i++) {
                shapes.image(first + i, image, 0);
                images.write(image);
                labels.write(shapes.label(first + i));
            }
        }
    }

    /** Opens a file and writes the header of NumPy's format 1.0, padded so that the data begin at a multiple of 64. */
    private static OutputStream open(Path file, String shape) throws IOException {
        String text = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }";
        int length = (10 + text.length() + 1 + 63) / 64 * 64 - 10;
        String header = text + " ".repeat(length - text.length() - 1) + "\n";
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        out.write(new byte[]{(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) length, (byte) (length >> 8)});
        out.write(header.getBytes(StandardCharsets.US_ASCII));
        return out;
    }
}
