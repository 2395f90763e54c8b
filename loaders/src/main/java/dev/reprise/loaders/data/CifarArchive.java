package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * CIFAR-10 and CIFAR-100 (Krizhevsky, 2009): {@code cifar-10-binary.tar.gz}, {@code cifar-10-python.tar.gz} and the same two
 * of CIFAR-100, as downloaded. Image 0 is the first of {@code data_batch_1} (or {@code train}); the order of files in the
 * archive does not matter. Labels of CIFAR-100 are the fine ones.
 */
final class CifarArchive implements DataSet {
    private static final int EDGE = 32, PIXELS = 3 * EDGE * EDGE;

    /** What tells the four archives apart. */
    private enum Kind {
        TEN_BINARY("CIFAR-10", 10, ".bin", "batches.meta.txt", List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                "data_batch_4.bin", "data_batch_5.bin"), "test_batch.bin"), HUNDRED_BINARY("CIFAR-100", 100, ".bin", "fine_label_names.txt",
                        List.of("train.bin"), "test.bin"), TEN_PYTHON("CIFAR-10", 10, "", "batches.meta",
                                List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"),
                                "test_batch"), HUNDRED_PYTHON("CIFAR-100", 100, "", "meta", List.of("train"), "test");

        private final String title, suffix, names, test;
        private final int classes;
        private final List<String> train;

        Kind(String title, int classes, String suffix, String names, List<String> train, String test) {
            this.title = title;
            this.classes = classes;
            this.suffix = suffix;
            this.names = names;
            this.train = train;
            this.test = test;
        }

        boolean binary() { return !suffix.isEmpty(); }

        /** CIFAR-100's records begin with the coarse label, then the fine one. */
        int labelBytes() { return classes == 100 ? 2 : 1; }

        List<String> files(Split split) {
            List<String> files = new ArrayList<>();
            if (split != Split.TEST) files.addAll(train);
            if (split != Split.TRAIN) files.add(test);
            return files;
        }
    }

    private final Path file;
    private final Source source;
    private final Kind kind;
    private final Split split;
    private final Info info;
    /** Where the images of each file of the archive begin, and how many there are. */
    private final Map<String, int[]> parts = new HashMap<>();
    private String hash;

    private CifarArchive(Path file, Source source, Kind kind, Split split, Map<String, Integer> counts, List<String> classes) {
        this.file = file;
        this.source = source;
        this.kind = kind;
        this.split = split;
        int n = 0;
        for (String name : kind.files(split)) {
            parts.put(name, new int[]{n, counts.get(name)});
            n = Math.addExact(n, counts.get(name));
        }
        this.info = new Info(kind.title + " " + split, n, 3, EDGE, EDGE, classes);
    }

    /** Reads the archive once, to count its images. */
    static CifarArchive open(Path file, Split split) {
        Source source = new Source(file.toString());
        Map<String, Integer> counts = new HashMap<>();
        Map<String, List<String>> names = new HashMap<>();
        TreeSet<String> seen = new TreeSet<>();
        TarGz.walk(file, source, (name, size, in) -> {
            seen.add(name);
            for (Kind k : Kind.values())
                if (name.equals(k.names)) names.put(name, classNames(k, in, size, source));
            else if (k.files(Split.ALL).contains(name)) {
                boolean again = counts.put(name,
                        k.binary() ? records(k, name, size, source) : python(k, name, in, size, source).count()) != null;
                if (again) throw source.error("holds '" + name + "' twice");
            }
        });
        for (Kind k : Kind.values())
            if (counts.keySet().containsAll(k.files(split)))
                return new CifarArchive(file, source, k, split, counts, names.getOrDefault(k.names, List.of()));
        throw source.error("is none of the CIFAR archives (cifar-10-binary.tar.gz, cifar-10-python.tar.gz, cifar-100-binary.tar.gz, "
                + "cifar-100-python.tar.gz), or files are missing; it holds " + seen);
    }

    private static int records(Kind k, String name, long size, Source source) {
        int record = k.labelBytes() + PIXELS;
        if (size == 0 || size % record != 0 || size > TarGz.MAX_EXPANDED)
            throw source.error("'" + name + "' has " + size + " bytes; a multiple of " + record + " is expected");
        return (int) (size / record);
    }

    private static CifarPickle.Batch python(Kind k, String name, InputStream in, long size, Source source) throws IOException {
        return CifarPickle.batch(in, size, k.classes == 100 ? "fine_labels" : "labels", PIXELS,
                new Source(source.name() + ", '" + name + "'"));
    }

    private static List<String> classNames(Kind k, InputStream in, long size, Source source) throws IOException {
        if (size > 1 << 20) throw source.error("'" + k.names + "' has " + size + " bytes, too many for the names of classes");
        List<String> names = k.binary()
                ? new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(String::strip).filter(l -> !l.isEmpty()).toList()
                : CifarPickle.names(in, size, k.classes == 100 ? "fine_label_names" : "label_names",
                        new Source(source.name() + ", '" + k.names + "'"));
        if (names.size() != k.classes) throw source.error("'" + k.names + "' names " + names.size() + " classes, expected " + k.classes);
        return names;
    }

    @Override
    public Info info() { return info; }

    @Override
    public synchronized String identity() {
        if (hash == null) hash = Hashes.of(file);
        return kind.title + " " + split + " " + hash;
    }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        int[] left = {parts.size()};
        TarGz.walk(file, source, (name, size, in) -> {
            int[] part = parts.get(name);
            if (part == null) return;
            left[0]--;
            if (kind.binary()) readBinary(name, size, in, part, wanted, visitor);
            else readPython(name, size, in, part, wanted, visitor);
        });
        if (left[0] != 0) throw changed();
    }

    private void readBinary(String name, long size, InputStream in, int[] part, IntPredicate wanted, Visitor visitor) throws IOException {
        if (records(kind, name, size, source) != part[1]) throw changed();
        byte[] labels = new byte[kind.labelBytes()], pixels = new byte[PIXELS];
        for (int i = 0; i < part[1]; i++) {
            Bounded.fill(in, labels, 0, source, "'" + name + "'");
            Bounded.fill(in, pixels, 0, source, "'" + name + "'");
            show(part[0] + i, pixels, labels[labels.length - 1] & 0xff, wanted, visitor);
        }
    }

    private void readPython(String name, long size, InputStream in, int[] part, IntPredicate wanted, Visitor visitor) throws IOException {
        CifarPickle.Batch b = python(kind, name, in, size, source);
        if (b.count() != part[1]) throw changed();
        byte[] pixels = new byte[PIXELS];
        for (int i = 0; i < part[1]; i++) {
            b.image(i, pixels);
            show(part[0] + i, pixels, b.labels()[i], wanted, visitor);
        }
    }

    private void show(int index, byte[] pixels, int label, IntPredicate wanted, Visitor visitor) {
        if (label < 0 || label >= kind.classes)
            throw source.error("image " + index + " has label " + label + "; " + kind.title + " has 0 to " + (kind.classes - 1));
        if (wanted.test(index)) visitor.image(index, pixels, label);
    }

    private RuntimeException changed() { return source.error("is no longer the archive that was opened: it changed in the meantime"); }
}
