package dev.reprise.audit.experiment;

import dev.reprise.ops.tensor.Tensor;
import dev.reprise.loaders.image.Image;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The images of a request.
 *
 * @param images      8-bit
 * @param evaluations of the denoiser for each
 * @param sha256      of the float32 samples
 */
record Samples(List<Image> images, double evaluations, String sha256) {
    int width() { return images.getFirst().width(); }

    int height() { return images.getFirst().height(); }

    /**
     * Mean absolute difference of 8-bit values of image i here and there, for every i.
     *
     * @throws IllegalArgumentException where the sets or their images differ in size
     */
    double[] distances(Samples other) {
        if (images.size() != other.images.size() || width() != other.width() || height() != other.height())
            throw new IllegalArgumentException(
                    "models of one experiment need images of one size, found " + width() + "x" + height() + " and "
                            + other.width() + "x" + other.height());
        double[] d = new double[images.size()];
        for (int i = 0; i < d.length; i++) {
            byte[] a = images.get(i).rgb(), b = other.images.get(i).rgb();
            long sum = 0;
            for (int e = 0; e < a.length; e++)
                sum += Math.abs((a[e] & 0xff) - (b[e] & 0xff));
            d[i] = sum / (double) a.length;
        }
        return d;
    }

    /** Puts the pieces together. */
    static final class Builder {
        private final List<Image> images;
        private final MessageDigest digest;
        private long evaluations;

        Builder(int count) {
            images = new ArrayList<>(count);
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java runtime has SHA-256", e);
            }
        }

        void add(Map<String, Tensor> entry) {
            Tensor t = entry.get("samples");
            digest.update(t.data().asByteBuffer());
            for (int i = 0; i < t.shape().dimInt(0); i++)
                images.add(Image.of(t, i));
            evaluations += entry.get("evaluations").getLong(0);
        }

        Samples build() {
            return new Samples(List.copyOf(images), evaluations / (double) images.size(), HexFormat.of().formatHex(digest.digest()));
        }
    }
}
