package dev.reprise.loaders.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.loaders.LoadException;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
    @TempDir
    Path folder;

    private Path zip(Map<String, byte[]> entries) throws IOException {
        Path file = folder.resolve("a.npz");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> e : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(e.getKey()));
                out.write(e.getValue());
            }
        }
        return file;
    }

    private static void refused(Path file, String... parts) {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> Npz.read(file, arena)).isInstanceOf(LoadException.class).hasMessageContaining("a.npz")
                    .hasMessageContainingAll(parts);
        }
    }

    @Test
    void whatIsWrittenIsReadBackAndAlwaysTheSameBytes() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("samples", Tensor.of(arena, Shape.of(2, 2), 1f, 2f, 3f, 4f));
            arrays.put("seeds", Tensor.of(arena, Shape.of(3), 0L, 1L, 2L));
            Path a = folder.resolve("a.npz"), b = folder.resolve("b.npz");
            Npz.write(a, arrays);
            Npz.write(b, arrays);
            assertThat(Files.mismatch(a, b)).isEqualTo(-1);
            Map<String, Tensor> r = Npz.read(a, arena);
            assertThat(r.keySet()).containsExactly("samples", "seeds");
            assertThat(r.get("samples").toFloats()).containsExactly(1, 2, 3, 4);
            assertThat(r.get("seeds").toLongs()).containsExactly(0, 1, 2);
        }
    }

    @Test
    void deflatedEntries() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Path file = zip(Map.of("x.npy", NpyTest.npy(1, NpyTest.header("|u1", false, "(3,)"), (byte) 1, (byte) 2, (byte) 3)));
            assertThat(Npz.read(file, arena).get("x").toLongs()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void whatIsNoArrayIsRefused() throws IOException {
        refused(zip(Map.of("readme.txt", new byte[3])), "'readme.txt'", "no .npy array");
        refused(zip(Map.of("x.npy", new byte[3])), "'x.npy'", "NUMPY");
        refused(zip(Map.of("x.npy", NpyTest.npy(1, NpyTest.header("|u1", false, "(3,)"), (byte) 1))), "needs 3 bytes");
        refused(Files.writeString(folder.resolve("a.npz"), "no zip"), "zip archive");
    }

    /** 300 MB of zeros deflate to 300 kB. */
    @Test
    void bombsAreRefusedBeforeTheyExpand() throws IOException {
        Path file = folder.resolve("a.npz");
        int size = 300 << 20;
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("x.npy"));
            writeZeros(zip, size);
        }
        refused(file, "zip bomb");
    }

    private static void writeZeros(OutputStream out, int size) throws IOException {
        out.write(NpyTest.npy(1, NpyTest.header("|u1", false, "(" + size + ",)")));
        byte[] zeros = new byte[1 << 20];
        for (int at = 0; at < size; at += zeros.length)
            out.write(zeros);
    }

    @Test
    void damageNeverEscapesNorPasses() throws IOException {
        long seed = 11;
        Random random = new Random(seed);
        byte[] good = Files.readAllBytes(zip(Map.of("x.npy", NpyTest.npy(1, NpyTest.header("<f4", false, "(3, 5)"), new byte[60]))));
        Path file = folder.resolve("a.npz");
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] m = good.clone();
            m[random.nextInt(m.length)] = (byte) random.nextInt();
            Files.write(file, m);
            try (Arena arena = Arena.ofConfined()) {
                for (Tensor t : Npz.read(file, arena).values())
                    for (float v : t.toFloats())
                        assertThat(v).isZero();
            } catch (LoadException e) {
                refused++;
            } catch (Throwable t) {
                throw new AssertionError("seed " + seed + ", mutation " + i + " of " + new String(m, StandardCharsets.ISO_8859_1), t);
            }
        }
        assertThat(refused).isGreaterThan(700);
    }
}
