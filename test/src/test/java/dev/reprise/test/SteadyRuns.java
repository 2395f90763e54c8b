package dev.reprise.test;

import com.sun.management.ThreadMXBean;
import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * A thousand runs of a model that is warm. Arguments: the model, and the bytes on the heap that a run may take; until it takes no
 * more, but no longer than {@link #DEADLINE_SECONDS}, the JIT compiler is given time. Prints the bytes on the heap per run, the
 * bytes by which the process grew, the hashes of the first run's output and of the last one's, and where more than the limit was
 * taken, by whom.
 */
final class SteadyRuns {
    private static final int RUNS = 1000;
    /** Bytes by which the process may grow meanwhile. */
    static final long GROWTH = 16 << 20;
    private static final double DEADLINE_SECONDS = 40;

    private SteadyRuns() {}

    public static void main(String[] args) throws IOException {
        long limit = Long.parseLong(args[1]);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Model model = OnnxLoader.load(Path.of(args[0]));
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> inputs = BitsOf.inputs(model, 0, 1, arena);
            Tensor[] in = inputs.values().toArray(Tensor[]::new), out = session.run(inputs, arena).values().toArray(Tensor[]::new);
            String bits = out[0].sha256();
            long allocated = Long.MAX_VALUE, grown = Long.MAX_VALUE;
            for (long end = System.nanoTime() + (long) (DEADLINE_SECONDS * 1e9); System.nanoTime() < end
                    && (allocated > RUNS * limit || grown > GROWTH);) {
                long before = threads.getTotalThreadAllocatedBytes(), resident = resident();
                for (int i = 0; i < RUNS; i++)
                    session.run(in, out);
                allocated = threads.getTotalThreadAllocatedBytes() - before;
                grown = resident() - resident;
            }
            System.out.println(allocated / RUNS);
            System.out.println(grown);
            System.out.println(bits);
            System.out.println(out[0].sha256());
            if (allocated > RUNS * limit)
                System.out.println(allocators(() -> {
                    for (int i = 0; i < RUNS; i++)
                        session.run(in, out);
                }));
        }
    }

    /** Resident memory in bytes; 0 where the system does not say. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        String line = Files.readAllLines(status).stream().filter(l -> l.startsWith("VmRSS:")).findFirst().orElse("VmRSS: 0 kB");
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }

    /** What is allocated by which methods, the most frequent first. */
    private static String allocators(Runnable runs) throws IOException {
        Path file = Files.createTempFile("reprise-allocations", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s").withStackTrace();
            recording.start();
            runs.run();
            recording.stop();
            recording.dump(file);
            Map<String, Long> sites = RecordingFile.readAllEvents(file).stream().filter(e -> e.getStackTrace() != null)
                    .collect(Collectors.groupingBy(SteadyRuns::site, TreeMap::new, Collectors.counting()));
            return sites.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed()).limit(5)
                    .map(e -> e.getValue() + " x " + e.getKey()).collect(Collectors.joining("; "));
        } finally {
            Files.delete(file);
        }
    }

    private static String site(RecordedEvent e) {
        List<RecordedFrame> frames = e.getStackTrace().getFrames();
        return e.getClass("objectClass").getName() + frames.stream()
                .filter(f -> f.getMethod().getType().getName().startsWith("dev.reprise"))
                .limit(3).map(f -> " in " + f.getMethod().getType().getName() + '.' + f.getMethod().getName() + ':' + f.getLineNumber())
                .collect(Collectors.joining());
    }
}
