package dev.reprise.loaders.weights;

import static dev.reprise.loaders.weights.Archives.archive;
import static dev.reprise.loaders.weights.Archives.little;
import static dev.reprise.loaders.weights.Archives.name;
import static dev.reprise.loaders.weights.Archives.number;
import static dev.reprise.loaders.weights.Archives.script;
import static dev.reprise.loaders.weights.Archives.tensor;
import static dev.reprise.loaders.weights.Archives.text;
import static dev.reprise.loaders.weights.Archives.tuple;
import static dev.reprise.loaders.weights.Archives.zip;
import static dev.reprise.loaders.weights.WeightFileTest.refused;
import static dev.reprise.loaders.weights.WeightFileTest.resource;
import static dev.reprise.loaders.weights.WeightFileTest.segment;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.loaders.LoadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged and hostile files end in a {@link LoadException} with a reason: nothing runs, no memory is exhausted, nothing hangs. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HostileWeightsTest {
    private static final int MUTATIONS = 1500;

    @TempDir
    Path folder;

    /** Pickles that would import, call or set something in Python, and what the message has to name. */
    static Stream<Arguments> pickles() {
        String shell = text("echo pwned") + "\u0085R.";
        return Stream.of(Arguments.of(name("os", "system") + shell, "'os.system'"),
                Arguments.of(name("posix", "system") + shell, "'posix.system'"),
                Arguments.of(name("nt", "system") + shell, "'nt.system'"),
                Arguments.of(name("builtins", "eval") + shell, "'builtins.eval'"),
                Arguments.of(name("__builtin__", "eval") + shell, "'__builtin__.eval'"),
                Arguments.of(name("builtins", "exec") + shell, "'builtins.exec'"),
                Arguments.of(name("subprocess", "Popen") + shell, "'subprocess.Popen'"),
                Arguments.of(name("builtins", "getattr") + name("torch", "nn") + text("Module") + "\u0086R.", "'builtins.getattr'"),
                Arguments.of(name("importlib", "import_module") + text("os") + "\u0085R.", "'importlib.import_module'"),
                Arguments.of(name("torch.storage", "_load_from_bytes") + shell, "_load_from_bytes"),
                Arguments.of(name("torch", "load") + shell, "'torch.load'"),
                Arguments.of(name("torch.hub", "load") + shell, "'torch.hub.load'"),
                Arguments.of(name("torch", "nn.Module") + ")\u0081.", "nn.Module"),
                Arguments.of(name("numpy.core.multiarray", "_reconstruct") + shell, "numpy"),
                Arguments.of(name("torch_utils.persistence", "_reconstruct_persistent_obj") + "}\u0085R.", "EDM and StyleGAN"),
                Arguments.of(name("__torch__.a", "Evil") + ")\u0081.", "'__torch__.a.Evil'"),
                // By way of the stack, protocol 4.
                Arguments.of("\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093" + shell, "'os.system'"),
                Arguments.of("\u0080\u0004" + name("os", "path.join") + ")R.", "'os.path.join'"), Arguments.of("NN\u0093.", "for a name"),
                // By way of the memo, and a name in a list that is never called.
                Arguments.of(name("os", "system") + "q\u0000" + "h\u0000" + shell, "'os.system'"),
                Arguments.of("](" + name("os", "system") + "e.", "'os.system'"),
                // Calls of what is no function, with what does not belong to it.
                Arguments.of("N)R.", "calls None"), Arguments.of(text("os.system") + ")R.", "calls the text"),
                Arguments.of(name("torch", "FloatStorage") + ")R.", "torch.FloatStorage"),
                Arguments.of(name("torch", "FloatStorage") + shell, "torch.FloatStorage"),
                Arguments.of(name("collections", "OrderedDict") + number(7) + "\u0085R.", "OrderedDict"),
                Arguments.of(name("collections", "OrderedDict") + "N\u0085\u0081.", "OrderedDict"),
                Arguments.of(name("torch._utils", "_rebuild_tensor_v2") + ")R.", "0 arguments"),
                Arguments.of(name("torch._utils", "_rebuild_parameter") + "N\u0088N\u0087R.", "3 arguments"),
                // State of what has none: Python would call __setstate__ or set attributes.
                Arguments.of("]}b.", "sets the state of a list"), Arguments.of(name("torch", "FloatStorage") + "}b.", "sets the state of"),
                Arguments.of(name("torch", "Size") + "}" + text("__setstate__") + name("torch", "device") + "sb.", "sets the state of"),
                Arguments.of("}Nb.", "sets the state of a dict"),
                // References outside the pickle.
                Arguments.of(text("storage") + "Q.", "refers to the text"), Arguments.of("(" + text("module") + "NNNNtQ.", "refers to"),
                Arguments.of("(" + text("storage") + name("torch", "Size") + text("0") + text("cpu") + number(4) + "tQ.", "refers to"),
                // Opcodes: INST, OBJ, PERSID, NEWOBJ_EX, EXT1-4, NEXT_BUFFER, READONLY_BUFFER, STRING, unknown.
                Arguments.of("(ios\nsystem\n.", "('i')"), Arguments.of("(" + "No.", "('o')"), Arguments.of("Pstorage\n.", "('P')"),
                Arguments.of("N)}\u0092.", "0x92"), Arguments.of("\u0082\u0001.", "0x82"), Arguments.of("\u0083\u0001\u0000.", "0x83"),
                Arguments.of("\u0084\u0001\u0000\u0000\u0000.", "0x84"), Arguments.of("\u0097.", "0x97"), Arguments.of("N\u0098.", "0x98"),
                Arguments.of("S'x'\n.", "('S')"), Arguments.of("\u00ff.", "0xff"), Arguments.of("\u0080\u0009N.", "protocol 9"),
                // Lengths, memory, stack.
                Arguments.of("\u008d" + little(1L << 62, 8) + "x.", "4611686018427387904 bytes"),
                Arguments.of("\u008e" + little(-1, 8) + "x.", "18446744073709551615 bytes"),
                Arguments.of("X" + little(1 << 30, 4) + "x.", "1073741824"),
                Arguments.of("\u008b" + little(0x7fffffff, 4) + ".", "integer of 2147483647"), Arguments.of("h\u0005.", "entry 5"),
                Arguments.of("g99999999999999999999\n.", "entry '9999"), Arguments.of("L" + "9".repeat(3000) + "L\n.", "number '999"),
                Arguments.of(".", "stack is empty"), Arguments.of("t.", "lacks a mark"), Arguments.of("NN.", "left at"),
                Arguments.of("N", "truncated"),
                Arguments.of("(N.", "left at"), Arguments.of("](", "truncated"), Arguments.of("NNa.", "appends to"),
                Arguments.of("NNNs.", "sets entries of"),
                Arguments.of("}(Nu.", "without a value"), Arguments.of("c" + "x".repeat(9000) + "\ny\n.", "line without end"),
                // Doubling: thirty lists, each twice in the next. And a list that holds itself, and nesting.
                Arguments.of("]" + doubled(30) + ".", "references are followed"), Arguments.of("]q\u0000h\u0000a.", "nested"),
                Arguments.of("]".repeat(100_000) + "a".repeat(99_999) + ".", "nested"),
                Arguments.of(")" + "\u0085".repeat(100_000) + ".", "nested"),
                // Tensors that lie.
                Arguments.of(tensor(16, 0, tuple(17), tuple(1)) + ".", "element 16"),
                Arguments.of(tensor(16, 10, tuple(7), tuple(1)) + ".", "element 16"),
                Arguments.of(tensor(16, 0, tuple(2, 2), tuple(Long.MAX_VALUE, 1)) + ".", "element"),
                Arguments.of(tensor(16, 0, tuple(1L << 40, 1L << 40), tuple(0, 0)) + ".", "too large"),
                Arguments.of(tensor(16, 0, tuple(1L << 40), tuple(0)) + ".", "expanded"),
                Arguments.of(tensor(16, 0, tuple(-4), tuple(1)) + ".", "-4"),
                Arguments.of(tensor(16, -1, tuple(4), tuple(1)) + ".", "rebuilt"),
                Arguments.of(tensor(16, 0, tuple(4), tuple(1, 1)) + ".", "rebuilt"),
                Arguments.of(tensor(17, 0, tuple(4), tuple(1)) + ".", "68 bytes"),
                Arguments.of(tensor(-1, 0, tuple(4), tuple(1)) + ".", "refers to"),
                Arguments.of(tensor(1L << 62, 0, tuple(4), tuple(1)) + ".", "bytes"),
                Arguments.of(tensor(16, 0, tuple(new long[65]), tuple(new long[65])) + ".", "65 dimensions"),
                Arguments.of(
                        "}" + text("a") + tensor(16, 0, tuple(4), tuple(1)) + "s" + text("a") + tensor(16, 0, tuple(4), tuple(1)) + "s.",
                        "two tensors named 'a'"),
                Arguments.of("}" + tuple(1) + tensor(16, 0, tuple(4), tuple(1)) + "s.", "neither text nor"),
                Arguments.of(name("torch", "ComplexFloatStorage") + ".", "not supported"),
                Arguments.of(name("torch", "qint8") + ".", "not supported"));
    }

    private static String doubled(int times) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < times; i++)
            s.append("q").append((char) i).append("0](h").append((char) i).append("h").append((char) i).append("e");
        return s.toString();
    }

    @ParameterizedTest
    @MethodSource("pickles")
    void whatIsNeitherTensorNorContainerIsRefused(String pickle, String part) {
        refused(archive(pickle), part);
        if (!part.contains("__torch__")) refused(script(pickle), part);
    }

    /** Classes of a TorchScript archive are bags of attributes, and only with an empty constructor. */
    @Test
    void scriptClassesAreData() {
        try (Arena arena = Arena.ofConfined()) {
            String instance = name("__torch__", "Net") + ")\u0081}" + text("w") + tensor(16, 0, tuple(4), tuple(1)) + "sb.";
            assertThat(WeightFile.open(segment(script(instance), arena), "s.pt", arena).entries()).containsOnlyKeys("w");
        }
        refused(script(name("__torch__", "Net") + "N\u0085\u0081."), "__torch__.Net");
        refused(script(name("__torch__", "Net") + ")\u0081Nb."), "sets the state");
        refused(script(name("__torch__", "Net") + "}b."), "sets the state");
    }

    @Test
    void archivesThatLeadOutOrExpandAreRefused() throws IOException {
        byte[] tensor = Archives.pickle(tensor(16, 0, tuple(4), tuple(1)) + ".");
        for (String bad : List.of("../x", "a/../../x", "/etc/passwd", "C:\\x", "a\\b", "..", "a/.."))
            refused(zip(Map.of("a/data.pkl", tensor, "a/data/0", new byte[64], bad, new byte[1])), "lead out");
        refused(zip(Map.of("a/data.pkl", tensor)), "lacks entry 'a/data/0'");
        refused(zip(Map.of("a/data.pkl", tensor, "b/data.pkl", tensor)), "data.pkl");
        refused(zip(Map.of("readme", tensor)), "no data.pkl");
        refused(zip(Map.of("a/data.pkl", tensor, "a/byteorder", Archives.pickle("big"))), "byte order 'big'");

        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            out.putNextEntry(new ZipEntry("a/data.pkl"));
            for (int i = 0; i < 300; i++)
                out.write(zeros);
        }
        refused(bomb.toByteArray(), "zip bomb");
    }

    @Test
    void directoriesThatLieAreRefused() throws IOException {
        byte[] good = archive(tensor(16, 0, tuple(4), tuple(1)) + ".");
        int directory = find(good, 0, "PK\u0001\u0002"), second = find(good, directory + 1, "PK\u0001\u0002");
        Map<String, byte[]> cases = new LinkedHashMap<>();
        cases.put("calls itself differently", with(good, directory + 46, (byte) 'b'));
        cases.put("encryption", with(good, directory + 8, (byte) 1));
        cases.put("compression method 12", with(good, directory + 10, (byte) 12));
        cases.put("not where the directory says", with(good, directory + 42, (byte) (good[directory + 42] + 1)));
        cases.put("directory ends early", with(good, second, (byte) 'X'));
        cases.put("no directory at its end", java.util.Arrays.copyOf(good, good.length - 1));
        cases.put("checksum", with(good, find(good, 0, "torch._utils") + 3, (byte) 'd'));
        cases.forEach((reason, bytes) -> refused(bytes, reason));
        refused(Archives.overlapping(tensor(16, 0, tuple(4), tuple(1)) + "."), "overlap");
        // As zip64, which archives beyond 4 GiB are; and with a size that its extra field denies.
        byte[] large = Archives.zip64(good);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(WeightFile.open(segment(large, arena), "l.pt", arena).tensor("").size()).isEqualTo(4);
        }
        refused(with(large, find(large, 0, "PK\u0006\u0007"), (byte) 'X'), "locator");
        refused(with(large, find(large, 0, "PK\u0006\u0006"), (byte) 'X'), "end record");
        refused(with(large, find(large, find(large, 0, "PK\u0001\u0002"), "\u0001\u0000\u0018\u0000") + 11, (byte) -1), "not where");
    }

    private static byte[] with(byte[] bytes, int at, byte value) {
        byte[] b = bytes.clone();
        b[at] = value;
        return b;
    }

    private static int find(byte[] bytes, int from, String what) {
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(what, from);
        assertThat(at).isNotNegative();
        return at;
    }

    @Test
    void safetensorsThatLieAreRefused() {
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "needs 12 bytes");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begins at 4");
        cases.put(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                "begins at 4");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "the file 8");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "truncated");
        cases.put("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}", "not supported");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "dimension -2");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}", "too large");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "data_offsets");
        cases.put("{\"a\":7}", "dtype, shape");
        cases.put("{\"a\":{},\"a\":{}}", "twice");
        cases.put("{\"a\":", "ends too early");
        cases.forEach((header, part) -> refused(Archives.pickle(little(header.length(), 8) + header + "12345678"), part));
        refused(Archives.pickle(little(1L << 40, 8) + "{}"), "claims");
        refused(Archives.pickle(little(-1, 8) + "{}"), "claims");
    }

    /** Whole files, and pickles within archives whose checksums are right again. */
    @Test
    void mutationsNeverEndInAnythingElse() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> names = List.of("tensors.pt", "legacy.pt", "protocol4.pt", "tensors.safetensors", "checkpoint.pt", "script.pt",
                "one.pt");
        int read = 0, failed = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            String name = names.get(random.nextInt(names.size()));
            byte[] bytes = resource(name);
            if (i % 2 == 0 || !name.endsWith(".pt") || name.equals("legacy.pt")) bytes = mutated(bytes, random);
            else {
                Map<String, byte[]> entries = Archives.entries(Files.write(folder.resolve(name), bytes));
                entries.replaceAll((k, v) -> k.endsWith("/data.pkl") ? mutated(v, random) : v);
                bytes = zip(entries);
            }
            try (Arena arena = Arena.ofConfined()) {
                WeightFile.open(segment(bytes, arena), name, arena).tensors();
                read++;
            } catch (LoadException e) {
                failed++;
                assertThat(e.getMessage()).startsWith(name + ": ");
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", mutation " + i + " of " + name, e);
            }
        }
        assertThat(failed).as("seed %d, %d read", seed, read).isGreaterThan(MUTATIONS / 4);
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        if (bytes.length == 0) return bytes;
        byte[] b = switch (random.nextInt(8)) {
            case 0 -> java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> {
                int at = random.nextInt(bytes.length), n = random.nextInt(Math.min(40, bytes.length - at));
                byte[] cut = new byte[bytes.length - n];
                System.arraycopy(bytes, 0, cut, 0, at);
                System.arraycopy(bytes, at + n, cut, at, bytes.length - at - n);
                yield cut;
            }
            default -> bytes.clone();
        };
        for (int i = random.nextInt(4); i >= 0 && b.length > 0; i--) {
            int at = random.nextInt(b.length);
            b[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) random.nextInt(256);
                case 1 -> (byte) -1;
                case 2 -> (byte) 0;
                default -> (byte) (b[at] ^ 1 << random.nextInt(8));
            };
        }
        return b;
    }
}
