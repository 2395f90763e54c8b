package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model that is warm runs without garbage: a thousand runs in a row allocate next to nothing on the heap, all threads
 * together, and the process grows no larger. Until the JIT compiler is done, vectors are objects, so that the test waits for it.
 */
class SteadyStateTest {
    private static final int RUNS = 1000;
    private static final long BYTES_PER_RUN = 4096;
    private static final long GROWTH = 16 << 20;
    private static final double DEADLINE_SECONDS = 120;

    @ParameterizedTest
    @ValueSource(strings = {"unet-ddpm", "unet-edm", "dit", "uvit", "descriptor"})
    void aThousandRunsMakeNoGarbage(String name) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Model model = OnnxLoader.load(Path.of("..", "models", name + ".onnx"));
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            for (Value v : model.graph().inputs())
                inputs.put(v.name(), BitsOf.input(v, 0, 1, arena));
            Tensor[] in = inputs.values().toArray(Tensor[]::new), out = session.run(inputs, arena).values().toArray(Tensor[]::new);
            String bits = out[0].sha256();
            long allocated = Long.MAX_VALUE, grown = Long.MAX_VALUE;
            for (long end = System.nanoTime() + (long) (DEADLINE_SECONDS * 1e9); System.nanoTime() < end
                    && (allocated > RUNS * BYTES_PER_RUN || grown > GROWTH);) {
                long before = threads.getTotalThreadAllocatedBytes(), resident = resident();
                for (int i = 0; i < RUNS; i++)
                    session.run(in, out);
                allocated = threads.getTotalThreadAllocatedBytes() - before;
                grown = resident() - resident;
            }
            assertThat(allocated / RUNS).as("bytes on the heap per run").isLessThanOrEqualTo(BYTES_PER_RUN);
            assertThat(grown).as("bytes by which the process grew").isLessThanOrEqualTo(GROWTH);
            assertThat(out[0].sha256()).as("the thousandth run's bits are the first's").isEqualTo(bits);
        }
    }

    /** Resident memory in bytes; 0 where the system does not say. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        String line = Files.readAllLines(status).stream().filter(l -> l.startsWith("VmRSS:")).findFirst().orElse("VmRSS: 0 kB");
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }
}
