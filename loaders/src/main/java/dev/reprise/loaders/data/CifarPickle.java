package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** What the Python archives of CIFAR hold: a dictionary with an array of pixels and a list of labels, or with names. */
final class CifarPickle {
    private CifarPickle() {}

    /**
     * The images of one file.
     *
     * @param data   count rows of pixels; column after column where {@code fortran}
     * @param labels one for each
     */
    record Batch(int count, byte[] data, boolean fortran, int[] labels) {
        void image(int i, byte[] into) {
            if (!fortran) System.arraycopy(data, i * into.length, into, 0, into.length);
            else
                for (int e = 0; e < into.length; e++)
                    into[e] = data[e * count + i];
        }
    }

    static Batch batch(InputStream in, long size, String labelsKey, int pixels, Source source) throws IOException {
        Map<String, Object> d = dictionary(in, size, source);
        if (!(d.get("data") instanceof PickleReader.Array a) || a.shape() == null)
            throw source.error("must hold an array 'data', found " + d.keySet());
        if (!(d.get(labelsKey) instanceof List<?> l)) throw source.error("must hold a list '" + labelsKey + "', found " + d.keySet());
        if (a.shape().length != 2 || a.shape()[1] != pixels || a.shape()[0] != l.size() || l.isEmpty())
            throw source.error("'data' must have shape (N, " + pixels + ") with as many rows as there are labels, " + l.size() + ", found "
                    + java.util.Arrays.toString(a.shape()));
        int[] labels = new int[l.size()];
        for (int i = 0; i < labels.length; i++) {
            if (!(l.get(i) instanceof Long v) || v < 0 || v > Integer.MAX_VALUE) throw source.error("label " + i + " is " + l.get(i));
            labels[i] = v.intValue();
        }
        return new Batch(labels.length, a.data(), a.fortran(), labels);
    }

    static List<String> names(InputStream in, long size, String key, Source source) throws IOException {
        Map<String, Object> d = dictionary(in, size, source);
        if (!(d.get(key) instanceof List<?> l)) throw source.error("must hold a list '" + key + "', found " + d.keySet());
        return l.stream().map(o -> PickleReader.text(o, source)).toList();
    }

    private static Map<String, Object> dictionary(InputStream in, long size, Source source) throws IOException {
        Object o = new PickleReader(in, size, source).read();
        if (!(o instanceof PickleReader.Dictionary d)) throw source.error("must hold a dictionary");
        return d.byText(source);
    }
}
