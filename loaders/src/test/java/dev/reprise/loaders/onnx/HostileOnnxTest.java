package dev.reprise.loaders.onnx;

import static dev.reprise.loaders.onnx.Protos.adding;
import static dev.reprise.loaders.onnx.Protos.attribute;
import static dev.reprise.loaders.onnx.Protos.call;
import static dev.reprise.loaders.onnx.Protos.entry;
import static dev.reprise.loaders.onnx.Protos.function;
import static dev.reprise.loaders.onnx.Protos.graph;
import static dev.reprise.loaders.onnx.Protos.model;
import static dev.reprise.loaders.onnx.Protos.node;
import static dev.reprise.loaders.onnx.Protos.opset;
import static dev.reprise.loaders.onnx.Protos.raw;
import static dev.reprise.loaders.onnx.Protos.reference;
import static dev.reprise.loaders.onnx.Protos.tensor;
import static dev.reprise.loaders.onnx.Protos.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.Model;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto.AttributeType;
import dev.reprise.loaders.onnx.proto.Onnx.GraphProto;
import dev.reprise.loaders.onnx.proto.Onnx.SparseTensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged and hostile files end in a {@link LoadException} with a reason: no other exception, no exhausted memory, no hang. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HostileOnnxTest {
    private static final int MUTATIONS = 3000;

    /** Models that together use most of the format. */
    private static List<byte[]> models() {
        GraphProto.Builder branch = graph(node("Neg", List.of("a"), "z")).addOutput(value("z")).addInitializer(raw("inner", 3));
        GraphProto.Builder flow = graph(node("Abs", List.of("x"), "a"),
                node("If", List.of("c"), "b").addAttribute(attribute("then_branch", branch)).addAttribute(attribute("else_branch", branch)),
                node("Conv", List.of("b", "w"), "y").addAttribute(attribute("group", 1)).addAttribute(attribute("scale", 0.5f)))
                .addInput(value("x", 1, "N", 4))
                .addInput(value("c", 9)).addOutput(value("y")).addValueInfo(value("a", 1, "N", 4)).addInitializer(raw("w", 1, 2, 3, 4))
                .addSparseInitializer(SparseTensorProto.newBuilder().setValues(raw("s", 5, 7))
                        .setIndices(tensor("", 7, 2).addInt64Data(1).addInt64Data(3)).addDims(2).addDims(2));
        byte[] control = model(flow).addMetadataProps(entry("k", "v")).build().toByteArray();
        byte[] functions = model(
                graph(call("d", "F", List.of("x"), "y").addAttribute(attribute("q", 1f))).addInput(value("x")).addOutput(value("y")))
                .addOpsetImport(opset("d", 1))
                .addFunctions(function("d", "F", List.of("a"), List.of("b"),
                        call("d", "G", List.of("a"), "t").addAttribute(reference("p", "q", AttributeType.FLOAT)),
                        node("Exp", List.of("t"), "b")))
                .addFunctions(function("d", "G", List.of("a"), List.of("b"),
                        node("LeakyRelu", List.of("a"), "b").addAttribute(reference("alpha", "p", AttributeType.FLOAT))))
                .build().toByteArray();
        byte[] typed = model(graph(node("Add", List.of("x", "w"), "y")).addInput(value("x", 7, 3)).addOutput(value("y", 7, 3))
                .addInitializer(tensor("w", 7, 3).addInt64Data(1).addInt64Data(-1).addInt64Data(1L << 40))
                .addInitializer(tensor("h", 10, 2).addInt32Data(1).addInt32Data(2))
                .addInitializer(Protos.external("e", "w.bin", "0", "4", 1))).build().toByteArray();
        return List.of(control, functions, typed, adding(raw("w", 1, 2)).build().toByteArray());
    }

    /** @return true where the model was accepted */
    private static boolean accepted(byte[] bytes) {
        try (Model _ = OnnxLoader.read(bytes, "m.onnx")) {
            return true;
        } catch (LoadException e) {
            assertThat(e.getMessage()).startsWith("m.onnx: ").hasSizeGreaterThan(15);
            return false;
        }
    }

    @Test
    void everyTruncationIsRefusedOrHarmless() {
        for (byte[] m : models()) {
            int refused = 0;
            for (int n = 0; n < m.length; n++)
                if (!accepted(Arrays.copyOf(m, n))) refused++;
            // A cut between two fields of the outermost message leaves a model; nearly all others do not.
            assertThat(refused).isGreaterThan(m.length * 9 / 10);
        }
    }

    @Test
    void mutationsNeverEscape() {
        long seed = 20260101;
        Random random = new Random(seed);
        List<byte[]> models = models();
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] m = mutate(models.get(i % models.size()), random);
            try {
                if (!accepted(m)) refused++;
            } catch (Throwable t) {
                throw new AssertionError("seed " + seed + ", mutation " + i, t);
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS);
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] m = original.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(m.length);
            switch (random.nextInt(5)) {
                case 0 -> m[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> m[at] = (byte) random.nextInt();
                case 2 -> m[at] = (byte) 0xff;
                case 3 -> m = Arrays.copyOf(m, Math.max(1, at));
                default -> {
                    int from = random.nextInt(m.length), n = Math.min(random.nextInt(16), m.length - Math.max(from, at));
                    System.arraycopy(m, from, m, at, n);
                }
            }
        }
        return m;
    }

    private static void refused(byte[] bytes, String... parts) {
        assertThatThrownBy(() -> OnnxLoader.read(bytes, "m.onnx")).isInstanceOf(LoadException.class).hasMessageContainingAll(parts);
    }

    @Test
    void otherFilesAreNoModels() {
        refused(new byte[0], "empty");
        refused("#!/bin/sh\necho hello\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "damaged");
        refused(new byte[1000], "damaged");
        byte[] ones = new byte[1000];
        Arrays.fill(ones, (byte) 0xff);
        refused(ones, "damaged");
    }

    @Test
    void lengthsBeyondTheFile() {
        refused(new byte[]{0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f}, "claims");
        refused(new byte[]{0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff,
            (byte) 0xff, 1}, "claims");
    }

    @Test
    void deeplyNestedGraphs() {
        GraphProto.Builder g = graph();
        for (int i = 0; i < 200; i++)
            g = graph(node("If", List.of("x"), "y").addAttribute(attribute("then_branch", g)));
        refused(model(g).build().toByteArray(), "nested deeper");
    }

    /** Two bytes in the file, a hundred and more on the heap each. */
    @Test
    void millionsOfEmptyMessages() {
        int n = 40_000_000;
        byte[] nodes = new byte[2 * n];
        for (int i = 0; i < n; i++)
            nodes[2 * i] = 0x0a;
        byte[] m = new byte[nodes.length + 7];
        m[0] = 0x08;
        m[1] = 8;
        m[2] = 0x3a;
        for (int i = 0; i < 4; i++)
            m[3 + i] = (byte) (nodes.length >>> 7 * i & 0x7f | (i < 3 ? 0x80 : 0));
        System.arraycopy(nodes, 0, m, 7, nodes.length);
        refused(m, "heap");
    }

    @Test
    void sparseTensorsOfHugeDenseSize() {
        List<byte[]> all = new ArrayList<>();
        SparseTensorProto.Builder s = SparseTensorProto.newBuilder().setValues(raw("s", 5)).setIndices(tensor("", 7, 1).addInt64Data(1));
        all.add(model(graph().addSparseInitializer(s.clone().addDims(1L << 31))).build().toByteArray());
        all.add(model(graph().addSparseInitializer(s.clone().addDims(1L << 61).addDims(4))).build().toByteArray());
        all.add(model(graph().addSparseInitializer(s.clone().addDims(-1))).build().toByteArray());
        for (byte[] m : all)
            refused(m, "'s'");
    }
}
