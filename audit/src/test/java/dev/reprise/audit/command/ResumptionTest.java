package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.Main;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Audits that are killed, share their cache, or find no room for it. {@code -Dreprise.kills=20} kills twenty times instead of
 * three.
 */
class ResumptionTest {
    /** Seeds 30 to 34 are two pieces of work; with two models, their features and a training set there are nine. */
    private static final String SPEC = """
            title: Killed and resumed
            seeds: 30-34
            descriptor: embedded:descriptor
            trainingImages: 100
            models:
              - {model: embedded:unet-ddpm, sampler: ddim, steps: 2}
              - {model: embedded:dit, sampler: ddim, steps: 2}
            """;
    private static final int PIECES = 9;

    @TempDir
    Path folder;

    private Path spec() throws IOException { return Files.writeString(folder.resolve("spec.yaml"), SPEC); }

    private List<String> command(Path spec, String out, String cache, String... more) {
        String path = Stream.of("java.class.path", "jdk.module.path").map(System::getProperty).filter(p -> p != null && !p.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
        List<String> all = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC", "-cp",
                path, Main.class.getName(), "audit", spec.toString(), "--threads", "1", "--out", folder.resolve(out).toString(), "--cache",
                folder.resolve(cache).toString()));
        all.addAll(List.of(more));
        return all;
    }

    private Process start(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(log.toFile()).start();
    }

    private long entries(String cache) throws IOException {
        if (!Files.isDirectory(folder.resolve(cache))) return 0;
        try (Stream<Path> files = Files.walk(folder.resolve(cache))) {
            return files.filter(f -> f.toString().endsWith(".npz")).count();
        }
    }

    private void same(String a, String b) throws IOException {
        Path x = folder.resolve(a), y = folder.resolve(b);
        try (Stream<Path> samples = Files.list(x.resolve("samples"))) {
            List<Path> all = new ArrayList<>(samples.toList());
            assertThat(all).hasSize(2);
            all.addAll(List.of(x.resolve("data.npz"), x.resolve("pictures.npz"), x.resolve("grid.png")));
            for (Path f : all)
                assertThat(Files.mismatch(f, y.resolve(x.relativize(f)))).as(f.toString()).isEqualTo(-1);
        }
        assertThat(Reports.withoutRun(y)).isEqualTo(Reports.withoutRun(x));
    }

    @Test
    void goesOnWhereItWasKilledToTheSameBytes() throws Exception {
        int kills = Integer.getInteger("reprise.kills", 3);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path spec = spec(), log = folder.resolve("log");
        assertThat(start(command(spec, "whole", "cache-whole"), log).waitFor()).as(Files.readString(log)).isZero();
        assertThat(entries("cache-whole")).isEqualTo(PIECES);
        for (int k = 0; k < kills; k++) {
            // Each kill strikes at another moment: after a number of pieces, and some milliseconds.
            String cache = "cache-" + k / 3, out = "killed-" + k / 3;
            long target = entries(cache) + random.nextInt(3);
            Process p = start(command(spec, out, cache), log);
            for (long tries = 0; p.isAlive() && entries(cache) < target; tries++)
                p.waitFor(5, TimeUnit.MILLISECONDS);
            p.waitFor(random.nextInt(400), TimeUnit.MILLISECONDS);
            p.destroyForcibly().waitFor();
            if (k % 3 < 2 && k < kills - 1) continue;
            assertThat(start(command(spec, out, cache), log).waitFor()).as("seed %d: %s", seed, Files.readString(log)).isZero();
            same("whole", out);
        }
    }

    @Test
    void processesShareACache() throws Exception {
        Path spec = spec(), log = folder.resolve("log"), other = folder.resolve("other");
        Process a = start(command(spec, "a", "cache"), log), b = start(command(spec, "b", "cache"), other);
        assertThat(a.waitFor()).as(Files.readString(log)).isZero();
        assertThat(b.waitFor()).as(Files.readString(other)).isZero();
        same("a", "b");
        assertThat(entries("cache")).isEqualTo(PIECES);
        try (Stream<Path> left = Files.walk(folder.resolve("cache"))) {
            assertThat(left.filter(f -> f.toString().endsWith(".tmp"))).isEmpty();
        }
        Cli again = Cli.run("audit", spec, "--out", folder.resolve("c"), "--cache", folder.resolve("cache"), "--workers", 2);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err()).as("nothing is computed twice").doesNotContain("sampling", "comparing images");
        same("a", "c");
        Cli diff = Cli.run("diff", folder.resolve("a"), folder.resolve("c"));
        assertThat(diff.code()).as(diff.out() + diff.err()).isZero();
    }

    @Test
    void aFullDiskEndsInAMessageAndKeepsWhatIsFinished() throws Exception {
        Path spec = spec(), log = folder.resolve("log");
        // No file above 20 blocks of 1024 bytes: the samples fit, the features of the training set do not.
        String line = command(spec, "full", "cache").stream().map(s -> "'" + s + "'").collect(Collectors.joining(" "));
        Process p = start(List.of("bash", "-c", "ulimit -f 20; exec " + line), log);
        assertThat(p.waitFor()).as(Files.readString(log)).isEqualTo(Failure.ENVIRONMENT);
        assertThat(Files.readString(log)).contains("cannot be written", "what is finished is kept", "run the same command again");
        assertThat(entries("cache")).isEqualTo(PIECES - 1);
        assertThat(start(command(spec, "full", "cache"), log).waitFor()).as(Files.readString(log)).isZero();
        assertThat(folder.resolve("full/report.html")).exists();
    }

    @Test
    void aFolderThatCannotBeWrittenIsSaidAtOnce() throws IOException {
        Path spec = spec(), file = Files.writeString(folder.resolve("file"), "");
        Cli cache = Cli.run("audit", spec, "--out", folder.resolve("x"), "--cache", file.resolve("cache"));
        assertThat(cache.code()).isEqualTo(Failure.ENVIRONMENT);
        assertThat(cache.err()).contains("cannot be written", "--cache").hasLineCount(1);
        Cli out = Cli.run("audit", spec, "--out", file.resolve("x"), "--cache", folder.resolve("unused"));
        assertThat(out.code()).isEqualTo(Failure.ENVIRONMENT);
        assertThat(out.err()).contains("cannot be written", "--out").hasLineCount(1);
        assertThat(entries("unused")).as("nothing was computed before").isZero();
    }
}
