package dev.reprise.audit.command;

import dev.reprise.audit.Main;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** More processes of this program, which fill the cache that this one reads. They end with their work, or with this object. */
final class OtherWorkers implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();

    static OtherWorkers start(int count, List<String> arguments) {
        OtherWorkers w = new OtherWorkers();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC",
                "-cp",
                classPath(), Main.class.getName()));
        command.addAll(arguments);
        try {
            for (int i = 0; i < count; i++)
                w.processes.add(new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD).start());
        } catch (IOException e) {
            w.close();
            throw Failure.environment("--workers: another process cannot be started (" + e.getMessage() + ")", e);
        }
        return w;
    }

    /** Of the class path and, where we run as a module, the module path: what is needed is on either. */
    private static String classPath() {
        return Stream.of("java.class.path", "jdk.module.path").map(System::getProperty).filter(p -> p != null && !p.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** What they have not finished, this process has done itself by now. */
    @Override
    public void close() { processes.forEach(Process::destroy); }
}
