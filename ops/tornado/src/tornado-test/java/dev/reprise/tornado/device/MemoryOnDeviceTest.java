package dev.reprise.tornado.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Memory of a real device, and of the process: PoCL's buffers lie there. */
class MemoryOnDeviceTest {
    private static final int RUNS = 1000;
    /** What a JVM may grow by while it compiles; a leak of one page of floats a run would be 256 MB. */
    private static final long SLACK = 64L << 20;

    /** Resident bytes of this process, where the system tells. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        return Files.readAllLines(status).stream().filter(l -> l.startsWith("VmRSS"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) << 10)
                .sum();
    }

    /** Softmax(Relu(x W)). */
    private static Model small() {
        Arena arena = Arena.ofShared();
        Value x = new Value("x", ValueType.of(DType.FLOAT32, Shape.of(8, 64))),
                w = Value.constant("w", Tensor.allocate(arena, DType.FLOAT32, Shape.of(64, 64)));
        Value product = new Value("product", null), positive = new Value("positive", null), y = new Value("y", null);
        List<Node> nodes = new ArrayList<>(List.of(new Node("a", "", "MatMul", 13, List.of(x, w), List.of(product), Attributes.NONE),
                new Node("b", "", "Relu", 13, List.of(product), List.of(positive), Attributes.NONE),
                new Node("c", "", "Softmax", 13, List.of(positive), List.of(y), Attributes.NONE)));
        return new Model(new Graph("small", List.of(x), List.of(y), nodes), new Model.Info("small", "", 8, 13, "test", Map.of()), arena);
    }

    @Test
    void thousandRunsHoldWhatOneHolds() throws IOException {
        TornadoDevice d = OnDevice.device();
        try (Model m = small(); Session s = m.session(OnDevice.strictly(d)); Arena arena = Arena.ofShared()) {
            Tensor[] in = OnDevice.inputs(m, 1, 3, arena).values().toArray(Tensor[]::new);
            Map<String, Tensor> named = OnDevice.inputs(m, 1, 3, arena);
            Tensor[] out = s.run(named, arena).values().toArray(Tensor[]::new);
            for (int i = 0; i < RUNS / 10; i++)
                s.run(in, out);
            System.gc();
            long held = d.held(), before = resident();
            for (int i = 0; i < RUNS; i++)
                s.run(in, out);
            System.gc();
            assertThat(d.held()).isEqualTo(held);
            assertThat(resident() - before).as("growth of the process in bytes").isLessThan(SLACK);
        }
    }

    @Test
    void piecesThatAreClosedGiveTheirWeightsBack() throws IOException {
        TornadoDevice d = OnDevice.device();
        long held = -1;
        for (int i = 0; i < 20; i++)
            try (Model m = OnDevice.load("uvit"); Session s = m.session(OnDevice.strictly(d)); Arena arena = Arena.ofShared()) {
                OnDevice.run(s, OnDevice.inputs(m, 1, i, arena), arena);
                if (held < 0) held = d.held();
                assertThat(d.held()).as("after %d sessions", i).isEqualTo(held);
            }
        d.close();
        assertThat(d.held()).isZero();
    }
}
