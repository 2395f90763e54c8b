package dev.reprise.audit.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The processor's name. */
final class Cpu {
    private Cpu() {}

    static String name() {
        Path linux = Path.of("/proc/cpuinfo");
        if (Files.isReadable(linux)) try (Stream<String> lines = Files.lines(linux)) {
            String name = lines.filter(l -> l.startsWith("model name")).findFirst().map(l -> l.substring(l.indexOf(':') + 1).strip())
                    .orElse("");
            if (!name.isEmpty()) return name;
        } catch (IOException e) {
            return System.getProperty("os.arch") + " (" + e.getMessage() + ")";
        }
        return System.getProperty("os.arch");
    }
}
