package dev.reprise.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.bench.model.Networks;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTest {
    private static final String MODEL = Path.of("..", "models", "dit.onnx").toString();

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter(), err = new StringWriter();
        CommandLine line = Bench.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = line.execute(args);
        return new Outcome(code, out.toString(), err.toString());
    }

    @Test
    void measuresBothAndWritesWhatItFound(@TempDir Path folder) {
        Path json = folder.resolve("b.json"), trace = folder.resolve("t.json");
        Outcome o = run("--seconds", "0.1", "--batch", "1,2", "--threads", "2", "--profile", "--json", json.toString(), "--trace",
                trace.toString(), MODEL);
        assertThat(o.code).as(o.err).isZero();
        assertThat(o.err).contains("warming up");
        assertThat(o.out).contains("ONNX Runtime", "dit.onnx", "FusedAttention");
        JsonNode found = JsonMapper.shared().readTree(json.toFile());
        assertThat(found.get("threads").asInt()).isEqualTo(2);
        assertThat(found.get("fmaPeak").asDouble()).isPositive();
        assertThat(found.get("environment").get("jdk").asString()).isNotEmpty();
        assertThat(found.get("rows")).hasSize(2);
        for (JsonNode row : found.get("rows")) {
            assertThat(row.get("difference").asDouble()).isBetween(0.0, 1e-4);
            double ours = row.get("reprise").get("median").asDouble();
            assertThat(row.get("gflops").asDouble()).isCloseTo(row.get("gflop").asDouble() / ours * 1e3, within(1e-6));
            assertThat(row.get("ratio").get("lowerQuartile").asDouble()).isPositive()
                    .isLessThanOrEqualTo(row.get("ratio").get("upperQuartile").asDouble());
            JsonNode nodes = row.get("profile").get("nodes");
            double flops = 0;
            for (JsonNode n : nodes) {
                assertThat(n.get("ms").asDouble()).isPositive();
                flops += n.get("gflop").asDouble();
            }
            assertThat(flops).as("the nodes' operations are the plan's").isCloseTo(row.get("gflop").asDouble(), within(1e-9));
        }
        JsonNode events = JsonMapper.shared().readTree(trace.toFile()).get("traceEvents");
        double end = 0;
        int bars = 0;
        for (JsonNode e : events) {
            if (e.get("ph").asString().equals("M")) {
                assertThat(e.get("args").get("name").asString()).startsWith("dit.onnx, batch ");
                end = 0;
                continue;
            }
            assertThat(e.get("ts").asDouble()).as("steps follow one another").isGreaterThanOrEqualTo(end);
            end = e.get("ts").asDouble() + e.get("dur").asDouble();
            bars++;
        }
        assertThat(bars).isGreaterThan(300);
    }

    /** In JVMs of their own. */
    @ParameterizedTest
    @CsvSource({"reprise", "onnxruntime"})
    void firstResultAndMemory(String engine) throws Exception {
        ColdStart.Result r = ColdStart.measure(engine, Path.of(MODEL), 1, 2);
        assertThat(r.loadMs()).isPositive();
        assertThat(r.firstMs()).isPositive();
        assertThat(r.tenthMs()).isPositive();
        if (System.getProperty("os.name").equals("Linux")) assertThat(r.peakMegabytes()).isBetween(20.0, 2000.0);
    }

    /** On two processors the runs are told apart, on others that is an error. */
    @Test
    void tellsRunsApartByTheDistanceOfTheCores(@TempDir Path folder) {
        Path json = folder.resolve("b.json");
        Outcome o = run("--distance", "--seconds", "0.1", "--batch", "1", "--threads", "2", "--json", json.toString(), MODEL);
        if (Runtime.getRuntime().availableProcessors() != 2) {
            assertThat(o.code).isEqualTo(2);
            assertThat(o.err).contains("--distance is for two threads on two processors");
            return;
        }
        assertThat(o.code).as(o.err).isZero();
        assertThat(o.out).contains("cores near: ", "cores far apart: ");
        JsonNode row = JsonMapper.shared().readTree(json.toFile()).get("rows").get(0), found = row.get("distance");
        int runs = 0;
        for (String side : new String[]{"near", "far"})
            if (!found.get(side).isNull()) {
                assertThat(found.get(side).get("ratio").get("median").asDouble()).isPositive();
                runs += found.get(side).get("first").get("count").asInt();
            }
        assertThat(runs).isLessThanOrEqualTo(row.get("reprise").get("count").asInt());
        assertThat(run("--distance", "--threads", "1", MODEL).err).contains("found 1 on 2");
    }

    /** Distances decide where a block counts; one during which they changed, or nobody answered, counts in the whole alone. */
    @Test
    void blocksCountWhereTheCoresStayed() {
        double[] nanos = {100, 100, 100, 320, 320, 320, 100, 320, 100, 100, 100, Double.POSITIVE_INFINITY, 320, 330, 340};
        int[] next = {0};
        Subject.Run rest = () -> LockSupport.parkNanos(2_000_000);
        SideBySide.Found f = SideBySide.measure(rest, rest, 0, () -> nanos[next[0]++]);
        assertThat(next[0]).isEqualTo(nanos.length);
        assertThat(f.distance().near().ratio().count()).isEqualTo(1);
        assertThat(f.distance().far().ratio().count()).isEqualTo(2);
        assertThat(f.times().ratio().count()).isEqualTo(5);
        assertThat(SideBySide.measure(rest, null, 0, () -> 100).distance().far()).isNull();
    }

    @Test
    void distanceIsATimeBetweenThreads() {
        try (CoreDistance d = new CoreDistance()) {
            // A tenth of a microsecond where threads are compiled and undisturbed; here neither is sure, nor that the other thread is there at once.
            double nanos = d.nanos();
            for (int i = 0; i < 100 && nanos == Double.POSITIVE_INFINITY; i++)
                nanos = d.nanos();
            assertThat(nanos).isBetween(1.0, 1e7);
        }
    }

    @Test
    void withoutPeer() {
        Outcome o = run("--against", "none", "--seconds", "0.1", "--batch", "1", MODEL);
        assertThat(o.code).as(o.err).isZero();
        assertThat(o.out).contains("dit.onnx").doesNotContain("ONNX Runtime");
    }

    @ParameterizedTest
    @CsvSource({"--against tensorflow x.onnx, onnxruntime or none, found tensorflow", "--threads 0 x.onnx, --threads must be at least 1",
        "--batch 0 x.onnx, --batch must be at least 1", "--device abacus x.onnx, there is no device 'abacus'",
        "--plot a.svg x.onnx, --plot needs --device", "no-such-network, no file and no network 'no-such-network'"})
    void refuses(String args, String message) {
        Outcome o = run(args.split(" "));
        assertThat(o.code).isEqualTo(2);
        assertThat(o.err).contains(message);
    }

    /** The same device twice: no difference, every image alike. */
    @Test
    void devicesBesideEachOther(@TempDir Path folder) throws Exception {
        Path plot = folder.resolve("a.svg");
        Outcome o = run("--device", "cpu,cpu", "--seconds", "0.1", "--batch", "2", "--plot", plot.toString(), MODEL);
        assertThat(o.code).as(o.err).isZero();
        assertThat(o.out.lines().filter(l -> l.startsWith("dit.onnx"))).hasSize(2)
                .allMatch(l -> l.contains("0.0e+00") && l.endsWith("1.00"));
        assertThat(Files.readString(plot)).startsWith("<svg").contains("dit.onnx, batch 2, cpu");
    }

    @Test
    void helpNamesTheNetworks() {
        Outcome o = run("--help");
        assertThat(o.code).isZero();
        assertThat(o.out).contains(Networks.NAMES);
    }

    @Test
    void seriesAreMedians() {
        assertThat(Series.of(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(new Series(2.5, 2, 4, 1, 4));
        assertThat(Series.of(List.of(5.0, 1.0, 3.0)).median()).isEqualTo(3);
    }

    /** The first run of a block is dropped: so many fewer timings than runs. */
    @Test
    void shortRunsDropTheFirstOfABlock() {
        int[] runs = {0};
        SideBySide.Times t = SideBySide.measure(() -> {
            runs[0]++;
            long end = System.nanoTime() + 30_000_000;
            while (System.nanoTime() < end)
                Thread.onSpinWait();
        }, null, 0);
        assertThat(t.second()).isNull();
        assertThat(t.ratio()).isNull();
        assertThat(runs[0] - t.first().count()).as("five blocks").isEqualTo(5);
        assertThat(t.first().least()).isGreaterThanOrEqualTo(30);
    }
}
