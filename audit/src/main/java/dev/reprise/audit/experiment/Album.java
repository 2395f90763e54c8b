package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.loaders.image.Image;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The images that a report shows, uint8 (n, H, W, 3) by name: {@code noise}; {@code samples.ID} of every source; {@code nearest.ID}, the
 * training image nearest to each of the first samples. Large images are made smaller, and of very many the first are taken, so that a
 * report stays a file that one can send.
 */
final class Album {
    /** Bytes of all samples together, and of one plane of noises. */
    private static final long BUDGET = 10L << 20, PLANE = 2L << 20;
    private static final int LARGEST = 64;

    private final Lab lab;
    private final Arena arena;
    private final Map<String, Tensor> all = new LinkedHashMap<>();

    private Album(Lab lab, Arena arena) {
        this.lab = lab;
        this.arena = arena;
    }

    static Map<String, Tensor> of(Lab lab, Book book, List<Outcome> outcomes, Arena arena) {
        Album a = new Album(lab, arena);
        a.noise(book);
        a.samples(book);
        for (Outcome o : outcomes)
            if (o instanceof Outcome.Memorization m) m.originality().forEach(x -> a.nearest(book, x));
        return a.all;
    }

    private void noise(Book book) {
        for (Request r : book.requests().values()) {
            Shape shape = lab.models().facts(r.column()).input();
            if (!(r.noises() instanceof Noises.Seeded) || shape.rank() != 3 || shape.dim(0) != 1 && shape.dim(0) != 3) continue;
            try (Arena own = Arena.ofShared()) {
                int n = Math.min(lab.spec().rows(), r.noises().count());
                Tensor noise = r.noises().draw(0, n, shape, own);
                put("noise", IntStream.range(0, n).mapToObj(i -> small(Image.of(noise, i), LARGEST)).toList());
            }
            return;
        }
    }

    private void samples(Book book) {
        long bytes = 0;
        for (Request r : book.requests().values())
            if (r.noises() instanceof Noises.Seeded)
                bytes += (long) r.noises().count() * small(lab.samples(r).images().getFirst(), LARGEST).rgb().length;
        double part = Math.min(1, BUDGET / (double) Math.max(1, bytes));
        book.requests().forEach((id, r) -> {
            List<Image> images = lab.samples(r).images();
            int largest = LARGEST;
            if (r.noises() instanceof Noises.Plane) {
                while (largest > 4 && images.size() * (long) small(images.getFirst(), largest).rgb().length > PLANE)
                    largest /= 2;
                int l = largest;
                put("samples." + id, images.stream().map(i -> small(i, l)).toList());
            } else {
                int n = Math.max(Math.min(lab.spec().rows(), images.size()), (int) (part * images.size()));
                put("samples." + id, images.subList(0, n).stream().map(i -> small(i, LARGEST)).toList());
            }
        });
    }

    private void nearest(Book book, Outcome.Originality o) {
        Sidecar.Training t = lab.trainingOf(book.requests().get(o.source()).column());
        List<Image> images = new ArrayList<>();
        for (long i : o.nearest())
            images.add(small(Image.of(lab.training(t), i - t.first()), LARGEST));
        put("nearest." + o.source(), images);
    }

    /** Halved, each pixel the mean of four, until no side is larger than that. */
    static Image small(Image image, int largest) {
        while (Math.max(image.width(), image.height()) > largest && image.width() > 1 && image.height() > 1)
            image = half(image);
        return image;
    }

    private static Image half(Image image) {
        int w = image.width() / 2, h = image.height() / 2;
        byte[] rgb = new byte[3 * w * h], from = image.rgb();
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                for (int c = 0; c < 3; c++) {
                    int at = 3 * (2 * y * image.width() + 2 * x) + c, row = 3 * image.width();
                    int sum = (from[at] & 0xff) + (from[at + 3] & 0xff) + (from[at + row] & 0xff) + (from[at + row + 3] & 0xff);
                    rgb[3 * (y * w + x) + c] = (byte) ((sum + 2) / 4);
                }
        return new Image(w, h, rgb);
    }

    private void put(String name, List<Image> images) {
        int w = images.getFirst().width(), h = images.getFirst().height();
        Tensor t = Tensor.allocate(arena, DType.UINT8, Shape.of(images.size(), h, w, 3));
        for (int i = 0; i < images.size(); i++)
            MemorySegment.copy(MemorySegment.ofArray(images.get(i).rgb()), 0, t.data(), 3L * w * h * i, 3L * w * h);
        all.put(name, t);
    }
}
