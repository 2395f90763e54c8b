package dev.reprise.ops.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@link ConvWinograd} divides its work: no thread may have much more than its share, whatever the sizes. */
class WinogradBlocksTest {
    /** Sizes of networks that are in use: 18x18, 16x16, 36x36 and 32x32 outputs, 72x72, 8x8, 9x9; 36x36, 18x18 and 16x16 with stride 2; eight images. */
    @ParameterizedTest
    @CsvSource({"25,256", "16,256", "81,128", "324,64", "4,256", "9,512", "144,128", "36,256", "64,128", "64,512", "128,256", "200,256",
        "2592,64"})
    void shares(int tiles, int channels) {
        int panels = PackedB.panels(channels), most = GemmBlock.WIDE ? 64 : 60;
        for (int threads = 1; threads <= 8; threads *= 2) {
            int block = ConvWinograd.block(tiles, most, panels, threads), blocks = Math.ceilDiv(tiles, block);
            String what = tiles + " tiles, " + panels + " panels, " + threads + " threads: " + blocks + " blocks of " + block;
            assertTrue((block % GemmBlock.ROWS == 0 || GemmBlock.WIDE && block % 4 < 3) && block <= most, what);
            int parts = blocks >= threads ? 1 : Math.min(panels, Math.ceilDiv(threads, blocks)), units = blocks * parts;
            long busiest = 0;
            for (int w = 0; w < threads; w++) {
                long own = 0;
                for (int t = units * w / threads; t < units * (w + 1) / threads; t++) {
                    int part = t % parts, rows = Math.min(block, tiles - t / parts * block);
                    own += (long) rows * (panels * (part + 1) / parts - panels * part / parts);
                }
                busiest = Math.max(busiest, own);
            }
            // Half a share more at the most: with few tiles or panels a thread has one of them more than another.
            if ((long) tiles * panels >= 16L * threads)
                assertTrue(busiest <= 1.5 * tiles * panels / threads, what + ", the busiest does " + busiest + " of " + tiles * panels);
        }
    }

    /** Where weights are kept, blocks are small. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9, 25, 64, 81, 324, 512, 2592})
    void sharesWhereWeightsAreKept(int tiles) {
        for (int threads = 1; threads <= 8; threads++) {
            int block = ConvWinograd.keptBlock(tiles, threads), blocks = Math.ceilDiv(tiles, block), busiest = 0;
            for (int w = 0; w < threads; w++)
                busiest = Math.max(busiest, Math.min(tiles, blocks * (w + 1) / threads * block) - blocks * w / threads * block);
            String what = tiles + " tiles, " + threads + " threads: " + blocks + " blocks of " + block + ", the busiest does " + busiest;
            assertTrue(block % GemmBlock.ROWS == 0 && block <= 4 * GemmBlock.ROWS, what);
            assertTrue(busiest < Math.ceilDiv(tiles, threads) + block, what);
        }
    }
}
