package dev.reprise.ops.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernels know of the processor besides the width of its vectors. It decides which loops run, never what they compute. */
final class Processor {
    /** Whether it begins one multiplication of 512 bits in a cycle: Zen 4 does, later ones and Intel's for servers begin two. */
    static final boolean ONE_MULTIPLICATION = Memory.LANES == 16 && zen4();

    private Processor() {}

    private static boolean zen4() {
        try (InputStream in = Files.newInputStream(Path.of("/proc/cpuinfo"))) {
            String first = new String(in.readNBytes(512), StandardCharsets.ISO_8859_1);
            return first.contains("AuthenticAMD") && first.contains("cpu family\t: 25\n");
        } catch (IOException notLinux) {
            return false;
        }
    }
}
