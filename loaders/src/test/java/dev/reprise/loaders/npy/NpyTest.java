package dev.reprise.loaders.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.loaders.LoadException;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    @TempDir
    Path folder;

    /** An npy file of this version, header text and data. */
    static byte[] npy(int version, String header, byte... data) {
        byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer b = ByteBuffer.allocate((version == 1 ? 10 : 12) + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        b.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
        if (version == 1) b.putShort((short) text.length);
        else b.putInt(text.length);
        return b.put(text).put(data).array();
    }

    static String header(String descr, boolean fortran, String shape) {
        return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
    }

    private static Tensor read(byte[] bytes) { return Npy.read(MemorySegment.ofArray(bytes), "a.npy", Arena.ofAuto()); }

    private static void refused(byte[] bytes, String... parts) {
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(LoadException.class).hasMessageStartingWith("a.npy")
                .hasMessageContainingAll(parts);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadBack(DType dtype) {
        Path file = folder.resolve("a.npy");
        for (Shape shape : new Shape[]{Shape.SCALAR, Shape.of(3), Shape.of(2, 3), Shape.of(0, 5), Shape.of(3, 30000)}) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor t = Tensor.allocate(arena, dtype, shape);
                for (long i = 0; i < t.size(); i++)
                    t.setDouble(i, i % 100);
                Npy.write(file, t);
                Tensor r = Npy.read(file, arena);
                assertThat(r.shape()).isEqualTo(shape);
                assertThat(r.dtype()).isEqualTo(dtype == DType.BFLOAT16 ? DType.FLOAT32 : dtype);
                assertThat(Arrays.equals(r.toDoubles(), t.toDoubles())).as("%s%s", dtype, shape).isTrue();
            }
        }
    }

    /** The bytes of {@code numpy.save(f, numpy.array([[1, 2]], '<f4'))}. */
    @Test
    void writesWhatNumPyWrites() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Arena arena = Arena.ofConfined()) {
            Npy.write(out, Tensor.of(arena, Shape.of(1, 2), 1f, 2f));
        }
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
        byte[] expected = npy(1, text + " ".repeat(128 - 10 - 1 - text.length()), (byte) 0, (byte) 0, (byte) 0x80, (byte) 0x3f, (byte) 0,
                (byte) 0, (byte) 0, (byte) 0x40);
        assertThat(out.toByteArray()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyVersion(int version) {
        assertThat(read(npy(version, header("|u1", false, "(3,)"), (byte) 1, (byte) 2, (byte) 3)).toLongs()).containsExactly(1, 2, 3);
    }

    @Test
    void bigEndianIsSwapped() {
        assertThat(read(npy(1, header(">i2", false, "(2,)"), (byte) 1, (byte) 2, (byte) 3, (byte) 4)).toLongs()).containsExactly(0x102,
                0x304);
        assertThat(read(npy(1, header(">f4", false, "()"), (byte) 0x3f, (byte) 0x80, (byte) 0, (byte) 0)).toFloats()).containsExactly(1);
    }

    @Test
    void fortranOrderIsTransposed() {
        assertThat(read(npy(1, header("|i1", true, "(2, 3)"), (byte) 1, (byte) 4, (byte) 2, (byte) 5, (byte) 3, (byte) 6)).toLongs())
                .containsExactly(1, 2, 3, 4, 5, 6);
        byte[] cube = new byte[24];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                for (int k = 0; k < 4; k++)
                    cube[i + 2 * (j + 3 * k)] = (byte) (12 * i + 4 * j + k);
        long[] values = read(npy(1, header("|u1", true, "(2, 3, 4)"), cube)).toLongs();
        for (int i = 0; i < 24; i++)
            assertThat(values[i]).isEqualTo(i);
    }

    @Test
    void otherSpellingsOfTheDictionary() {
        assertThat(read(npy(1, "{\"shape\":(2L,),\"descr\":\"|b1\",\"fortran_order\":False}", (byte) 1, (byte) 7)).toLongs())
                .containsExactly(1, 1);
        assertThat(read(npy(1, header("=i8", false, "()"), new byte[8])).toLongs()).containsExactly(0);
    }

    @Test
    void damageIsNamed() {
        byte[] good = npy(1, header("<f4", false, "(2,)"), new byte[8]);
        for (int n = 0; n < good.length; n++)
            refused(Arrays.copyOf(good, n), "a.npy");
        refused(Arrays.copyOf(good, good.length + 1), "bytes after its array");
        refused(npy(4, header("<f4", false, "(2,)")), "version 4");
        refused(npy(1, header("<f4", false, "(-2,)")), "non-negative dimension");
        refused(npy(1, header("<f4", false, "(2)"), new byte[8]), "comma");
        refused(npy(1, header("<f4", false, "(9223372036854775807, 2)")), "too large");
        refused(npy(1, header("<f4", false, "(4611686018427387904,)")), "too large");
        refused(npy(1, header("<f4", false, "(99999999999999999999,)")), "dimension");
        refused(npy(1, header("<f4", false, "(1099511627776,)"), new byte[8]), "truncated");
        refused(npy(1, header("<f4", false, "(2,)") + "x", new byte[8]), "text after");
        refused(npy(1, "{'descr': '<f4', 'shape': (2,)}", new byte[8]), "missing");
        refused(npy(1, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", new byte[8]), "unexpected key");
        refused(npy(1, "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", new byte[8]), "True or False");
        refused(npy(1, "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}", new byte[8]), "quoted string");
        byte[] huge = npy(2, header("<f4", false, "(2,)"), new byte[8]);
        huge[10] = huge[11] = (byte) 0xff;
        refused(huge, "claims a header");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<c8", "|O", "<U3", "|S4", "<M8[s]", "|V2", "|f4", "f4", "<f3", "<"})
    void otherElementTypesAreUnsupported(String descr) {
        assertThatThrownBy(() -> read(npy(1, header(descr, false, "()"), new byte[8])))
                .isInstanceOfSatisfying(LoadException.class, e -> assertThat(e.unsupported()).isTrue())
                .hasMessageContaining(descr);
    }

    @Test
    void mutationsNeverEscape() {
        long seed = 7;
        Random random = new Random(seed);
        byte[] good = npy(1, header("<f4", true, "(2, 3)"), new byte[24]);
        int refused = 0;
        for (int i = 0; i < 5000; i++) {
            byte[] m = good.clone();
            for (int c = 1 + random.nextInt(2); c > 0; c--)
                m[random.nextInt(m.length)] = (byte) random.nextInt();
            try {
                read(m);
            } catch (LoadException e) {
                refused++;
            } catch (Throwable t) {
                throw new AssertionError("seed " + seed + ", mutation " + i, t);
            }
        }
        assertThat(refused).isGreaterThan(2000);
    }
}
