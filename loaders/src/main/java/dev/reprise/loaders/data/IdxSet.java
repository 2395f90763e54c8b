package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.zip.GZIPInputStream;

/**
 * MNIST's format (LeCun), as downloaded: images as unsigned bytes of shape (N, H, W), most often gzipped, and labels in a
 * file of their own, found by its name ({@code images-idx3} becomes {@code labels-idx1}).
 */
final class IdxSet implements DataSet {
    private static final int CHUNK = 1 << 16, MAX_IMAGE = 1 << 26;

    /** One pair of files; {@code labels} may be null. */
    private record Part(Path images, Path labels, int count) {}

    private final Info info;
    private final List<Part> parts;
    private String identity;

    private IdxSet(Info info, List<Part> parts) {
        this.info = info;
        this.parts = parts;
    }

    static IdxSet ofFile(Path images) { return of(images.getFileName().toString(), List.of(images)); }

    /** True where a folder holds MNIST's training images. */
    static boolean inFolder(Path folder) { return find(folder, "train") != null; }

    static IdxSet ofFolder(Path folder, Split split) {
        List<Path> files = new ArrayList<>();
        for (String prefix : split == Split.ALL ? List.of("train", "t10k") : List.of(split == Split.TEST ? "t10k" : "train")) {
            Path p = find(folder, prefix);
            if (p == null)
                throw new Source(folder.toString())
                        .error("has no file " + prefix + "-images-idx3-ubyte or " + prefix + "-images-idx3-ubyte.gz");
            files.add(p);
        }
        return of(folder.getFileName() + " " + split, files);
    }

    private static Path find(Path folder, String prefix) {
        for (String name : List.of("-images-idx3-ubyte.gz", "-images-idx3-ubyte", "-images.idx3-ubyte.gz", "-images.idx3-ubyte"))
            if (Files.isRegularFile(folder.resolve(prefix + name))) return folder.resolve(prefix + name);
        return null;
    }

    private static IdxSet of(String name, List<Path> files) {
        List<Part> parts = new ArrayList<>();
        int total = 0, h = 0, w = 0;
        for (Path p : files) {
            Source source = new Source(p.toString());
            int[] d = dims(p, 3, source);
            if (d[0] < 1 || d[1] < 1 || d[2] < 1 || (long) d[1] * d[2] > MAX_IMAGE)
                throw source.error("claims " + Integer.toUnsignedString(d[0]) + " images of " + Integer.toUnsignedString(d[2]) + "x"
                        + Integer.toUnsignedString(d[1]) + " pixels");
            if (h != 0 && (d[1] != h || d[2] != w)) throw source.error("has images of " + d[2] + "x" + d[1] + ", expected " + w + "x" + h);
            h = d[1];
            w = d[2];
            Path labels = labels(p);
            if (labels != null && dims(labels, 1, new Source(labels.toString()))[0] != d[0])
                throw new Source(labels.toString())
                        .error("does not have one label for each of the " + d[0] + " images of " + p.getFileName());
            parts.add(new Part(p, labels, d[0]));
            total = Math.addExact(total, d[0]);
        }
        return new IdxSet(new Info(name, total, 1, h, w, List.of()), parts);
    }

    private static Path labels(Path images) {
        String name = images.getFileName().toString();
        String other = name.replace("images-idx3", "labels-idx1").replace("images.idx3", "labels.idx1");
        if (other.equals(name)) return null;
        for (String n : List.of(other, other.endsWith(".gz") ? other.substring(0, other.length() - 3) : other + ".gz"))
            if (Files.isRegularFile(images.resolveSibling(n))) return images.resolveSibling(n);
        return null;
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK);
        return Sniff.isGzip(raw) ? new BufferedInputStream(new GZIPInputStream(raw, CHUNK), CHUNK) : raw;
    }

    private static int[] dims(Path file, int rank, Source source) {
        try (InputStream in = open(file)) {
            return dims(in, rank, source);
        } catch (IOException e) {
            throw source.error("cannot be read: it is truncated or damaged (" + e + ")", e);
        }
    }

    private static int[] dims(InputStream in, int rank, Source source) throws IOException {
        byte[] head = new byte[4 + 4 * rank];
        Bounded.fill(in, head, 0, source, "its header");
        ByteBuffer b = ByteBuffer.wrap(head);
        if (b.getInt() != (0x0800 | rank))
            throw source.error("is no IDX file of unsigned bytes with " + rank + " dimensions: it begins with "
                    + java.util.HexFormat.of().formatHex(head, 0, 4));
        int[] d = new int[rank];
        for (int i = 0; i < rank; i++)
            d[i] = b.getInt();
        return d;
    }

    @Override
    public Info info() { return info; }

    @Override
    public synchronized String identity() {
        if (identity == null) {
            StringBuilder s = new StringBuilder("idx");
            for (Part p : parts)
                s.append(' ').append(Hashes.of(p.images)).append(p.labels == null ? "" : " " + Hashes.of(p.labels));
            identity = s.toString();
        }
        return identity;
    }

    @Override
    public void read(IntPredicate wanted, Visitor visitor) {
        int first = 0;
        for (Part p : parts) {
            read(p, first, wanted, visitor);
            first += p.count;
        }
    }

    private void read(Part p, int first, IntPredicate wanted, Visitor visitor) {
        Source source = new Source(p.images.toString());
        try (InputStream images = open(p.images); InputStream labels = p.labels == null ? InputStream.nullInputStream() : open(p.labels)) {
            int[] d = dims(images, 3, source);
            if (d[0] != p.count || d[1] != info.height() || d[2] != info.width())
                throw source.error("is no longer what was opened: it changed in the meantime");
            if (p.labels != null) dims(labels, 1, new Source(p.labels.toString()));
            byte[] pixels = new byte[info.imageBytes()], label = new byte[1];
            for (int i = 0; i < p.count; i++) {
                Bounded.fill(images, pixels, 0, source, "image " + i + " of " + p.count);
                if (p.labels != null) Bounded.fill(labels, label, 0, new Source(p.labels.toString()), "label " + i + " of " + p.count);
                if (wanted.test(first + i)) visitor.image(first + i, pixels, p.labels == null ? NO_LABEL : label[0] & 0xff);
            }
            if (images.read() >= 0) throw source.error("has more bytes than its " + p.count + " images need");
        } catch (IOException e) {
            throw source.error("cannot be read: it is truncated or damaged (" + e + ")", e);
        }
    }
}
