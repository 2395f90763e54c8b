package dev.reprise.loaders.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.loaders.LoadException;
import dev.reprise.ops.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that PyTorch wrote (recipes/torch_files.py), against what PyTorch reads from them. */
class WeightFileTest {
    @TempDir
    Path folder;

    static byte[] resource(String name) {
        try (InputStream in = WeightFileTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path file(String name) throws IOException { return Files.write(folder.resolve(name), resource(name)); }

    @ParameterizedTest
    @CsvSource({"tensors.pt,tensors,PyTorch archive", "legacy.pt,tensors,PyTorch file without zip", "protocol4.pt,tensors,PyTorch archive",
        "tensors.safetensors,tensors,safetensors", "checkpoint.pt,checkpoint,PyTorch archive", "script.pt,script,TorchScript archive",
        "trace.pt,script,TorchScript archive"})
    void everyTensorIsTheOneThatPyTorchReads(String name, String table, String format) throws IOException {
        List<String> lines = new String(resource(table + ".txt"), StandardCharsets.US_ASCII).lines().toList();
        try (Arena arena = Arena.ofConfined()) {
            WeightFile f = WeightFile.open(file(name), arena);
            assertThat(f.format()).isEqualTo(format);
            assertThat(f.entries().keySet()).containsExactlyInAnyOrderElementsOf(lines.stream().map(l -> l.split(" ")[0]).toList());
            for (String line : lines) {
                String[] w = line.split(" ");
                Tensor t = f.tensor(w[0]);
                assertThat(t.dtype().name().toLowerCase(Locale.ROOT)).as(w[0]).isEqualTo(w[1]);
                long[] shape = w[2].equals("-")
                        ? new long[0]
                        : java.util.Arrays.stream(w[2].split(",")).mapToLong(Long::parseLong).toArray();
                assertThat(t.shape().dims()).as(w[0]).containsExactly(shape);
                assertThat(f.entries().get(w[0]).shape().dims()).containsExactly(shape);
                assertThat(t.sha256()).as(w[0]).isEqualTo(w[3]);
            }
        }
    }

    /** Contiguous tensors of stored entries are the mapped file itself; views of one storage share it. */
    @Test
    void tensorsLieInTheFile() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            WeightFile f = WeightFile.open(file("tensors.pt"), arena);
            assertThat(f.tensor("float32").data().isReadOnly()).isTrue();
            assertThat(f.tensor("rows").data().address()).isEqualTo(f.tensor("shared").data().address() + 2 * 4 * 4);
            assertThat(f.tensor("transposed").data().isReadOnly()).isFalse();
            assertThat(f.entries().get("transposed").note()).contains("[1, 4]");
            assertThat(WeightFile.open(file("tensors.safetensors"), arena).tensor("float32").data().isReadOnly()).isTrue();
        }
    }

    @Test
    void textsAndNumbersAreFacts() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(WeightFile.open(file("checkpoint.pt"), arena).facts())
                    .containsAllEntriesOf(Map.of("epoch", "12", "name", "tiny", "lr", "0.001"));
            assertThat(WeightFile.open(file("tensors.safetensors"), arena).facts()).isEqualTo(Map.of("format", "pt", "step", "7"));
        }
    }

    @Test
    void aTensorAloneHasNoName() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(WeightFile.open(file("one.pt"), arena).tensor("").shape().dims()).containsExactly(2, 3, 4);
        }
    }

    /** A whole module carries its class: refused by name, with what to do. */
    @Test
    void aPickledModuleIsRefused() { refused(resource("module.pt"), "'__main__.Net'", "state_dict"); }

    static void refused(byte[] bytes, String... parts) {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> WeightFile.open(segment(bytes, arena), "w.pt", arena).tensors()).isInstanceOf(LoadException.class)
                    .hasMessageStartingWith("w.pt: ").hasMessageContainingAll(parts);
        }
    }

    static MemorySegment segment(byte[] bytes, Arena arena) {
        MemorySegment m = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
        m.copyFrom(MemorySegment.ofArray(bytes));
        return m;
    }

    /** Some writers deflate; then tensors are expanded. */
    @Test
    void deflatedArchivesAreReadToo() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipFile in = new ZipFile(file("tensors.pt").toFile()); ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (ZipEntry e : java.util.Collections.list(in.entries())) {
                out.putNextEntry(new ZipEntry(e.getName()));
                in.getInputStream(e).transferTo(out);
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            WeightFile a = WeightFile.open(segment(bytes.toByteArray(), arena), "a.pt", arena),
                    b = WeightFile.open(folder.resolve("tensors.pt"), arena);
            for (String name : b.entries().keySet())
                assertThat(a.tensor(name).sha256()).isEqualTo(b.tensor(name).sha256());
        }
    }

    @Test
    void whatIsNoWeightFileIsSaid() {
        refused(new byte[0], "empty");
        refused("hello, world".getBytes(StandardCharsets.US_ASCII), "neither");
        refused(new byte[]{(byte) 0x80, 2, 'N', '.'}, "magic number");
    }
}
