package dev.reprise.loaders.data;

import static dev.reprise.loaders.data.DataSetsTest.fixture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.Png;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and malicious files end in a {@link LoadException} that names the file. */
class HostileDataTest {
    private static final long SEED = 20260101;

    @TempDir
    Path folder;

    private Path file(String name, byte[] bytes) throws IOException { return Files.write(folder.resolve(name), bytes); }

    private static void readAll(Path p) { DataSets.open(p, Split.ALL).read(_ -> true, (_, _, _) -> {}); }

    private static byte[] targz(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            for (Map.Entry<String, byte[]> f : files.entrySet()) {
                TarArchiveEntry e = new TarArchiveEntry(f.getKey());
                e.setSize(f.getValue().length);
                tar.putArchiveEntry(e);
                tar.write(f.getValue());
                tar.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> f : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(f.getKey()));
                zip.write(f.getValue());
            }
        }
        return out.toByteArray();
    }

    /** Cut anywhere, a file is an error: an image fewer would change a score without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"cifar-10-binary.tar.gz", "cifar-100-python.tar.gz", "mnist/train-images-idx3-ubyte.gz", "edm.zip", "nhwc.npz"})
    void truncatedFilesAreErrors(String name) throws IOException {
        byte[] whole = Files.readAllBytes(fixture(name));
        Random random = new Random(SEED);
        for (int i = 0; i < 25; i++) {
            int n = i == 0 ? 0 : i == 1 ? whole.length - 1 : random.nextInt(whole.length);
            Path cut = file("cut", Arrays.copyOf(whole, n));
            assertThatThrownBy(() -> readAll(cut)).as("%s, seed %d, %d bytes", name, SEED, n).isInstanceOf(LoadException.class)
                    .hasMessageContaining(cut.toString());
        }
    }

    /** With a byte changed anywhere it is read or refused, and nothing else happens. */
    @ParameterizedTest
    @ValueSource(strings = {"cifar-10-binary.tar.gz", "cifar-10-python.tar.gz", "mnist/train-images-idx3-ubyte.gz", "edm.zip", "nhwc.npz",
        "420.jpg"})
    void damagedFilesAreReadOrRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(fixture(name));
        Random random = new Random(SEED);
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            byte[] bad = whole.clone();
            int at = random.nextInt(bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Path p = file("bad", bad);
            try {
                if (name.endsWith(".jpg")) dev.reprise.loaders.image.ImageFile.read(p);
                else readAll(p);
            } catch (LoadException e) {
                refused++;
                assertThat(e).as("seed %d, byte %d", SEED, at).hasMessageContaining(p.toString());
            }
        }
        if (!name.endsWith(".jpg")) assertThat(refused).isGreaterThan(30); // these have checksums for all but names and times
    }

    @Test
    void aSmallArchiveThatExpandsIsRefused() throws IOException {
        Path p = folder.resolve("bomb.tar.gz");
        try (OutputStream out = Files.newOutputStream(p);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(out) {
                    {
                        def.setLevel(1);
                    }
                })) {
            byte[] zeros = new byte[1 << 20];
            TarArchiveEntry e = new TarArchiveEntry("anything");
            e.setSize(1100L << 20);
            tar.putArchiveEntry(e);
            for (int i = 0; i < 1100; i++)
                tar.write(zeros);
            tar.closeArchiveEntry();
        }
        assertThat(Files.size(p)).isLessThan(8 << 20);
        assertThatThrownBy(() -> readAll(p)).isInstanceOf(LoadException.class).hasMessageContaining("expands to more than");
    }

    @Test
    void wrongContentsAreNamed() throws IOException {
        byte[] record = new byte[3073];
        record[0] = 10;
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 1; i <= 5; i++)
            files.put("x/data_batch_" + i + ".bin", record);
        files.put("x/test_batch.bin", new byte[3073]);
        assertThatThrownBy(() -> readAll(file("a.tar.gz", targz(files)))).hasMessageContaining("image 0 has label 10");
        files.put("x/data_batch_2.bin", new byte[3072]);
        assertThatThrownBy(() -> readAll(file("a.tar.gz", targz(files)))).hasMessageContaining("'data_batch_2.bin' has 3072 bytes");
        files.remove("x/data_batch_2.bin");
        assertThatThrownBy(() -> readAll(file("a.tar.gz", targz(files)))).hasMessageContaining("files are missing")
                .hasMessageContaining("data_batch_3.bin");
        files.clear();
        files.put("a/data_batch_1.bin", new byte[3073]);
        files.put("b/data_batch_1.bin", new byte[3073]);
        assertThatThrownBy(() -> readAll(file("a.tar.gz", targz(files)))).hasMessageContaining("twice");
        assertThatThrownBy(() -> DataSets.open(fixture("edm.zip"), Split.TEST)).hasMessageContaining("no test part");
        assertThatThrownBy(() -> DataSets.open(folder.resolve("nothing"), Split.TRAIN)).hasMessageContaining("no such file");
        assertThatThrownBy(() -> readAll(file("a.txt", "hello".getBytes(StandardCharsets.UTF_8))))
                .hasMessageContaining("no data set that is known");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> readAll(empty)).hasMessageContaining("holds no .png");
        assertThatThrownBy(() -> Split.named("validation")).hasMessageContaining("train, test or all");
    }

    @Test
    void imagesOfAnotherSizeAreNamed() throws IOException {
        byte[] small = Png.encode(Image.filled(4, 4, 1, 2, 3)), large = Png.encode(Image.filled(4, 5, 1, 2, 3));
        Path zip = file("a.zip", zip(Map.of("a.png", small, "b.png", large)));
        assertThatThrownBy(() -> readAll(zip)).isInstanceOf(LoadException.class).hasMessageContaining("'b.png'")
                .hasMessageContaining("4x5");
        Path images = Files.createDirectory(folder.resolve("images"));
        Files.write(images.resolve("a.png"), small);
        Files.write(images.resolve("b.png"), "no image".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> readAll(images)).isInstanceOf(LoadException.class).hasMessageContaining("b.png")
                .hasMessageContaining("neither PNG nor JPEG");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"labels\": [[\"a.png\", 1]]}|has no label for 1 images",
        "{\"labels\": [[\"a.png\", -1]]}|whole number",
        "{\"labels\": [[\"a.png\", [0, 1]]]}|vector", "{\"labels\": 3}|must be a list", "[|line 1, column 2",
        "{\"labels\": [[\"a.png\"]]}|[name, label]"})
    void labelsThatDoNotFitAreNamed(String json, String message) throws IOException {
        byte[] png = Png.encode(Image.filled(4, 4, 1, 2, 3));
        Path zip = file("a.zip", zip(Map.of("a.png", png, "b.png", png, "dataset.json", json.getBytes(StandardCharsets.UTF_8))));
        assertThatThrownBy(() -> readAll(zip)).isInstanceOf(LoadException.class).hasMessageContaining("dataset.json")
                .hasMessageContaining(message);
    }

    /** Every way a pickle can ask for more than data; the bytes spell the opcodes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"os.system|63 6f730a 73797374656d0a 55026c73 85 52 2e",
        "builtins.eval|63 6275696c74696e730a 6576616c0a 29 52 2e",
        "opcode 0x69|28 69 6f730a 73797374656d0a 2e", "opcode 0x93|8c026f73 93 2e", "opcode 0x81|63 6e756d70790a 6e6461727261790a 29 81 2e",
        "opcode 0x50|50 610a 2e", "claims a string of 4294967295|54 ffffffff", "stack is empty|2e", "stack is empty|52", "lacks a mark|74",
        "refers to entry 7|68 07",
        "does not end|7d", "appends|4b 01 4b 02 61", "protocol 5|80 05", "calls numpy's NDARRAY|63 6e756d70790a 6e6461727261790a 29 52 2e",
        "left at the pickle's end|4e 4e 2e",
        "builds|4e 4e 62"})
    void picklesThatAskForMoreThanDataAreRefused(String message, String hex) {
        byte[] pickle = HexFormat.of().parseHex(hex.replace(" ", ""));
        // 8c is SHORT_BINUNICODE, itself not in use by these files.
        String want = message.equals("opcode 0x93") ? "opcode 0x8c" : message;
        assertThatThrownBy(() -> new PickleReader(new ByteArrayInputStream(pickle), pickle.length, new Source("p")).read())
                .isInstanceOf(LoadException.class).hasMessageContaining(want);
    }

    @Test
    void whatTheFixtureHoldsIsNoAccident() { assertThatCode(() -> readAll(fixture("cifar-10-python.tar.gz"))).doesNotThrowAnyException(); }
}
