package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** Opens data sets. */
public final class DataSets {
    private DataSets() {}

    /**
     * Opens the set that a file or folder holds: the four CIFAR archives (.tar.gz), an MNIST-like IDX file or a folder of
     * such, a zip of images as EDM makes it, an .npz with images, or a folder of PNG and JPEG files. The contents decide, not
     * the name.
     *
     * @param split which part; a set without parts is all {@link Split#TRAIN}
     * @throws dev.reprise.loaders.LoadException where it is none of them, damaged, or has no such part
     */
    public static DataSet open(Path path, Split split) {
        if (Files.isDirectory(path)) {
            if (IdxSet.inFolder(path)) return IdxSet.ofFolder(path, split);
            whole(path, split);
            return ImageFiles.open(path);
        }
        return switch (Sniff.of(path)) {
            case TAR -> CifarArchive.open(path, split);
            case IDX -> {
                whole(path, split);
                yield IdxSet.ofFile(path);
            }
            case ZIP -> {
                whole(path, split);
                yield holdsArrays(path) ? NpzSet.open(path) : ImageZip.open(path);
            }
            case OTHER -> throw new Source(path.toString())
                    .error("is no data set that is known: a CIFAR archive (.tar.gz), an IDX file (.gz or not), "
                            + "a zip of images, an .npz, or a folder of images or IDX files");
        };
    }

    /**
     * The built-in generator's images {@code first … first + count − 1}.
     *
     * @param seed {@link dev.reprise.loaders.synthetic.SyntheticShapes#DEFAULT_SEED} for those of the embedded models
     */
    public static DataSet shapes(long seed, long first, int count) { return new GeneratedShapes(seed, first, count); }

    private static void whole(Path path, Split split) {
        if (split == Split.TEST) throw new Source(path.toString()).error("has no test part; it is taken whole with 'train' or 'all'");
    }

    private static boolean holdsArrays(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().anyMatch(e -> e.getName().endsWith(".npy"));
        } catch (IOException | IllegalArgumentException e) {
            throw new Source(file.toString()).error("cannot be read as a zip archive: it is truncated or damaged (" + e + ")", e);
        }
    }
}
