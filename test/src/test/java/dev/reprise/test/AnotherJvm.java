package dev.reprise.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of the tests in a JVM of its own. */
final class AnotherJvm {
    private AnotherJvm() {}

    /**
     * What it printed, line by line.
     *
     * @throws IllegalStateException where it failed, with what it said
     */
    static List<String> run(List<String> options, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules", "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(arguments);
        try {
            Path out = Files.createTempFile("reprise-test", ".out"), err = Files.createTempFile("reprise-test", ".err");
            try {
                int code = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
                if (code != 0) throw new IllegalStateException(main.getSimpleName() + " ended with " + code + ": " + Files.readString(err));
                return Files.readAllLines(out);
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + main.getSimpleName() + " ran", e);
        }
    }
}
