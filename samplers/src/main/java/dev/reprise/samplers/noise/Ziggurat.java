package dev.reprise.samplers.noise;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * The 256 layers of NumPy's ziggurat (Marsaglia and Tsang 2000) for the normal density, a resource of as many lines: they were
 * computed in double precision with errors of their own and cannot be had from the formula to the last bit.
 */
final class Ziggurat {
    static final int LAYERS = 256;
    /** Where the tail begins. */
    static final double R = 3.6541528853610087963519472518, INVERSE_R = 0.27366123732975827203338247596;
    static final float R_F = (float) R, INVERSE_R_F = (float) INVERSE_R;

    /** Numbers below this are inside the layer above too, at 52 bits; by which they are multiplied; the density there. */
    static final long[] INSIDE = new long[LAYERS];
    static final double[] WIDTH = new double[LAYERS], HEIGHT = new double[LAYERS];
    /** The same at 23 bits. */
    static final int[] INSIDE_F = new int[LAYERS];
    static final float[] WIDTH_F = new float[LAYERS], HEIGHT_F = new float[LAYERS];

    static {
        List<String> lines;
        try (InputStream in = Ziggurat.class.getResourceAsStream("ziggurat.txt")) {
            lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < LAYERS; i++) {
            String[] f = lines.get(i).split(" ");
            INSIDE[i] = HexFormat.fromHexDigitsToLong(f[0]);
            WIDTH[i] = Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(f[1]));
            HEIGHT[i] = Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(f[2]));
            INSIDE_F[i] = (int) Math.rint(INSIDE[i] * 0x1p-29);
            WIDTH_F[i] = (float) (WIDTH[i] * 0x1p29);
            HEIGHT_F[i] = (float) HEIGHT[i];
        }
    }

    private Ziggurat() {}
}
