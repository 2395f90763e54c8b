package dev.reprise.loaders.data;

import dev.reprise.loaders.Json;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.ImageFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A zip of image files as EDM's {@code dataset_tool.py} makes it: PNG (or JPEG) of one size, in the order of their names, and
 * {@code dataset.json} with {@code {"labels": [[name, label], …]}} or {@code {"labels": null}}.
 */
final class ImageZip implements DataSet {
    private static final long MAX_IMAGE = 1L << 28, MAX_JSON = 1L << 28;

    private final Path file;
    private final List<String> names;
    private final int[] labels;
    private final Info info;
    private String hash;

    private ImageZip(Path file, List<String> names, int[] labels, Info info) {
        this.file = file;
        this.names = names;
        this.labels = labels;
        this.info = info;
    }

    static ImageZip open(Path file) {
        Source source = new Source(file.toString());
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<String> names = new ArrayList<>();
            for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements();) {
                ZipEntry entry = e.nextElement();
                if (!entry.isDirectory() && ImageFile.named(entry.getName())) names.add(entry.getName());
            }
            if (names.isEmpty()) throw source.error("holds neither images (.png, .jpg) nor NumPy arrays (.npy)");
            Collections.sort(names);
            for (int i = 1; i < names.size(); i++)
                if (names.get(i).equals(names.get(i - 1))) throw source.error("holds '" + names.get(i) + "' twice");
            ZipEntry json = zip.getEntry("dataset.json");
            int[] labels = json == null
                    ? null
                    : labels(new String(bytes(zip, json, MAX_JSON, source), StandardCharsets.UTF_8), names,
                            new Source(file + ", dataset.json"));
            Image first = image(zip, names.getFirst(), source);
            return new ImageZip(file, names, labels,
                    new Info(file.getFileName().toString(), names.size(), 3, first.height(), first.width(), List.of()));
        } catch (IOException | IllegalArgumentException e) {
            throw source.error("cannot be read as a zip archive: it is truncated or damaged (" + e + ")", e);
        }
    }

    private static int[] labels(String json, List<String> names, Source source) {
        if (!(Json.parse(json, source) instanceof Map<?, ?> m)) throw source.error("must be an object");
        if (m.get("labels") == null) return null;
        if (!(m.get("labels") instanceof List<?> list)) throw source.error("'labels' must be a list or null");
        Map<String, Integer> byName = new HashMap<>();
        for (Object o : list) {
            if (!(o instanceof List<?> pair) || pair.size() != 2 || !(pair.getFirst() instanceof String name))
                throw source.error("an entry of 'labels' must be [name, label], found " + o);
            if (pair.getLast() instanceof List<?>) throw source.unsupported("a label that is a vector ('" + name + "')");
            if (!(pair.getLast() instanceof Long v) || v < 0 || v > Integer.MAX_VALUE)
                throw source.error("the label of '" + name + "' must be a whole number from 0, found " + pair.getLast());
            byName.put(name, v.intValue());
        }
        int[] labels = new int[names.size()];
        TreeSet<String> without = new TreeSet<>();
        for (int i = 0; i < labels.length; i++) {
            Integer v = byName.get(names.get(i).replace('\\', '/'));
            if (v == null) without.add(names.get(i));
            else labels[i] = v;
        }
        if (!without.isEmpty())
            throw source.error("has no label for " + without.size() + " images, the first of them '" + without.first() + "'");
        return labels;
    }

    private static byte[] bytes(ZipFile zip, ZipEntry entry, long limit, Source source) throws IOException {
        try (InputStream in = new Bounded(zip.getInputStream(entry), limit, new Source(source.name() + ", '" + entry.getName() + "'"))) {
            return in.readAllBytes();
        }
    }

    private static Image image(ZipFile zip, String name, Source source) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) throw source.error("is no longer what was opened: '" + name + "' is gone");
        return ImageFile.decode(bytes(zip, entry, MAX_IMAGE, source), source.name() + ", '" + name + "'");
    }

    @Override
    public Info info() { return info; }

    @Override
    public synchronized String identity() {
        if (hash == null) hash = Hashes.of(file);
        return "zip " + hash;
    }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        Source source = new Source(file.toString());
        byte[] pixels = new byte[info.imageBytes()];
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (int i = 0; i < names.size(); i++) {
                if (!wanted.test(i)) continue;
                ImageFiles.planes(image(zip, names.get(i), source), info, file + ", '" + names.get(i) + "'", pixels);
                visitor.image(i, pixels, labels == null ? NO_LABEL : labels[i]);
            }
        } catch (IOException e) {
            throw source.error("cannot be read as a zip archive: it is truncated or damaged (" + e + ")", e);
        }
    }
}
