package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A decompressed stream that may hold no more than so many bytes: what a small file can expand to is its author's choice. */
final class Bounded extends FilterInputStream {
    private final Source source;
    private final long limit;
    private long read;

    Bounded(InputStream in, long limit, Source source) {
        super(in);
        this.limit = limit;
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        int b = in.read();
        if (b >= 0) count(1);
        return b;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int n = in.read(b, off, len);
        if (n > 0) count(n);
        return n;
    }

    /** By reading, so that what is skipped counts. */
    @Override
    public long skip(long n) throws IOException {
        byte[] buffer = new byte[Math.clamp(n, 0, 1 << 14)];
        long done = 0;
        for (int got; done < n && (got = read(buffer, 0, (int) Math.min(buffer.length, n - done))) > 0;)
            done += got;
        return done;
    }

    @Override
    public boolean markSupported() { return false; }

    private void count(int n) {
        if ((read += n) > limit) throw source.error("expands to more than " + limit + " bytes, more than any set of its kind: refused");
    }

    /** Fills an array, or says that the file ends before. */
    static void fill(InputStream in, byte[] into, int from, Source source, String what) throws IOException {
        int n = in.readNBytes(into, from, into.length - from);
        if (n < into.length - from) throw source.error("is truncated within " + what);
    }
}
