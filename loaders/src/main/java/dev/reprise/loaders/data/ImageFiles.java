package dev.reprise.loaders.data;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.ImageFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/**
 * A folder of image files of one size: PNG and JPEG, in it or in folders within. Their order is that of their paths
 * (separated by /). Where every image lies in a folder within, those folders, sorted, are the classes.
 */
final class ImageFiles implements DataSet {
    private final Path folder;
    private final List<String> names;
    private final Info info;
    private String identity;

    private ImageFiles(Path folder, List<String> names, Info info) {
        this.folder = folder;
        this.names = names;
        this.info = info;
    }

    static ImageFiles open(Path folder) {
        Source source = new Source(folder.toString());
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(p -> ImageFile.named(String.valueOf(p.getFileName())) && Files.isRegularFile(p))
                    .forEach(p -> names.add(folder.relativize(p).toString().replace(folder.getFileSystem().getSeparator(), "/")));
        } catch (IOException | java.io.UncheckedIOException e) {
            throw source.error("cannot be read (" + e + ")", e);
        }
        if (names.isEmpty()) throw source.error("holds no .png, .jpg or .jpeg files, nor MNIST's train-images-idx3-ubyte");
        Collections.sort(names);
        Image first = ImageFile.read(folder.resolve(names.getFirst()));
        TreeSet<String> classes = new TreeSet<>();
        for (String n : names)
            classes.add(n.contains("/") ? n.substring(0, n.indexOf('/')) : "");
        return new ImageFiles(folder, names, new Info(String.valueOf(folder.getFileName()), names.size(), 3, first.height(), first.width(),
                classes.contains("") ? List.of() : new ArrayList<>(classes)));
    }

    @Override
    public Info info() { return info; }

    @Override
    public synchronized String identity() {
        if (identity == null) {
            MessageDigest all = Hashes.sha256();
            for (String n : names)
                all.update((n + "\0" + Hashes.of(folder.resolve(n)) + "\n").getBytes(StandardCharsets.UTF_8));
            identity = "images " + Hashes.hex(all);
        }
        return identity;
    }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        byte[] pixels = new byte[info.imageBytes()];
        for (int i = 0; i < names.size(); i++) {
            if (!wanted.test(i)) continue;
            String n = names.get(i);
            planes(ImageFile.read(folder.resolve(n)), info, folder.resolve(n).toString(), pixels);
            visitor.image(i, pixels,
                    info.classes().isEmpty() ? NO_LABEL : Collections.binarySearch(info.classes(), n.substring(0, n.indexOf('/'))));
        }
    }

    /** From RGB pixel by pixel to channels first. */
    static void planes(Image image, Info info, String name, byte[] into) {
        if (image.width() != info.width() || image.height() != info.height())
            throw new LoadException(name,
                    "is " + image.width() + "x" + image.height() + " pixels; the set's first image has " + info.width() + "x"
                            + info.height() + ", and all must be of one size. Resize them beforehand");
        int plane = info.width() * info.height();
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < plane; i++)
                into[c * plane + i] = image.rgb()[3 * i + c];
    }
}
