package dev.reprise.bench;

import dev.reprise.ops.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/**
 * The first result and the peak of memory of one engine, in a JVM of its own: a process has only one first time, and its peak
 * has no owner. Both engines are called from Java and pay for a JVM.
 */
final class ColdStart {
    /**
     * @param loadMs       from the first line of main to a loaded model, classes and native libraries included
     * @param firstMs      the first forward after that
     * @param tenthMs      the tenth forward
     * @param peakMegabytes the most memory that was ever resident (VmHWM), 0 where the system does not say
     */
    record Result(double loadMs, double firstMs, double tenthMs, double peakMegabytes) {}

    /** Those of {@code ./reprise sample}. How that compiles would cost ONNX Runtime memory: it has no loops in Java. */
    private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "-XX:NewSize=2m", "-XX:MaxNewSize=2m");
    private static final int RUNS = 10;
    private static final double SECONDS = 5;

    private ColdStart() {}

    /** Arguments: engine, model file, batch, threads, and how long to run on after the tenth forward. Prints one line of four numbers. */
    public static void main(String[] args) throws IOException {
        long start = System.nanoTime();
        try (Subject s = Subject.open(args[0], Path.of(args[1]), Integer.parseInt(args[3])); Arena arena = Arena.ofShared()) {
            long loaded = System.nanoTime();
            Map<String, Tensor> in = Inputs.of(s.inputs(), Integer.parseInt(args[2]), arena);
            long given = System.nanoTime();
            s.output(in);
            long first = System.nanoTime(), end = first + (long) (Double.parseDouble(args[4]) * 1e9), tenth = 0;
            Subject.Run run = s.prepare(in, arena);
            for (int i = 1; i < RUNS || System.nanoTime() < end; i++) {
                long from = System.nanoTime();
                run.run();
                if (i == RUNS - 1) tenth = System.nanoTime() - from;
            }
            System.out.println((loaded - start) / 1e6 + " " + (first - given) / 1e6 + " " + tenth / 1e6 + " " + peakMegabytes());
        }
    }

    private static double peakMegabytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        String line = Files.readAllLines(status).stream().filter(l -> l.startsWith("VmHWM:")).findFirst().orElse("VmHWM: 0 kB");
        return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
    }

    /**
     * In a JVM with this one's options (those of {@code ./reprise sample}) and, as there, an archive of its classes, which two others make before.
     * Where classes are in folders and not in jars there can be none.
     */
    static Result measure(String engine, Path file, int batch, int threads) throws IOException {
        Path folder = Files.createTempDirectory("reprise-cold"), list = folder.resolve("list"), archive = folder.resolve("jsa");
        try {
            try {
                start(engine, List.of("-XX:DumpLoadedClassList=" + list), main(engine, file, batch, threads, 0));
                start(engine, List.of("-Xshare:dump", "-XX:SharedClassListFile=" + list, "-XX:SharedArchiveFile=" + archive), List.of());
            } catch (UncheckedIOException noArchive) {
                // If something else is wrong, the next start says so.
            }
            String out = start(engine, List.of(Files.exists(archive) ? "-XX:SharedArchiveFile=" + archive : "-Xshare:auto"),
                    main(engine, file, batch, threads, SECONDS));
            try (Scanner numbers = new Scanner(out)) {
                return new Result(Double.parseDouble(numbers.next()), Double.parseDouble(numbers.next()),
                        Double.parseDouble(numbers.next()), Double.parseDouble(numbers.next()));
            }
        } finally {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(list);
            Files.delete(folder);
        }
    }

    private static List<String> main(String engine, Path file, int batch, int threads, double seconds) {
        return List.of(ColdStart.class.getName(), engine, file.toString(), Integer.toString(batch), Integer.toString(threads),
                Double.toString(seconds));
    }

    /** @return what it printed */
    private static String start(String engine, List<String> options, List<String> main) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        // How it compiles; modules and agents are the affair of who started this JVM.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(a -> a.startsWith("-XX:") || a.startsWith("-D"))
                .forEach(command::add);
        command.addAll(OPTIONS);
        command.add("-XX:CompilationMode=" + (engine.equals(Reprise.NAME) ? "high-only" : "default"));
        command.add("-Xlog:disable");
        command.addAll(options);
        command.addAll(main);
        ProcessBuilder process = new ProcessBuilder(command);
        // Not as an argument: ONNX Runtime 1.29 ends with a segmentation fault where the command line has tens of kilobytes.
        process.environment().put("CLASSPATH",
                System.getProperty("java.class.path", "") + File.pathSeparator + System.getProperty("jdk.module.path", ""));
        Path errors = Files.createTempFile("reprise-cold", ".err");
        try {
            Process p = process.redirectError(errors.toFile()).start();
            String out = new String(p.getInputStream().readAllBytes());
            int code = p.waitFor();
            if (code != 0)
                throw new UncheckedIOException(new IOException(engine + " failed in a process of its own: " + Files.readString(errors)));
            return out;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + engine + " ran in a process of its own", e);
        } finally {
            Files.delete(errors);
        }
    }
}
