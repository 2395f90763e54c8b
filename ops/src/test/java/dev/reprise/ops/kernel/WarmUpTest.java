package dev.reprise.ops.kernel;

import static dev.reprise.ops.tensor.Tensor.F32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    /** The loops check nothing: what they read and write must be theirs. */
    @Test
    void staysInItsMemory() {
        long guard = 64 << 10;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(guard + WarmUp.BYTES + guard, 64), own = all.asSlice(guard, WarmUp.BYTES);
            float mark = 12345.678f;
            for (long i = 0; i < all.byteSize(); i += 4)
                all.set(F32, i, mark);
            own.fill((byte) 0);
            List<Runnable> loops = new ArrayList<>(WarmUp.loops(own.address()));
            loops.addAll(WarmUp.largeLoops(own.address()));
            loops.addAll(WarmUp.sparseLoops(own.address()));
            for (int i = 0; i < 3; i++)
                loops.forEach(Runnable::run);
            for (long i = 0; i < guard; i += 4) {
                assertEquals(mark, all.get(F32, i), "before");
                assertEquals(mark, all.get(F32, guard + WarmUp.BYTES + i), "behind");
            }
            // Of zeros only zeros come; a read beyond would have brought the mark in.
            for (long i = 0; i < own.byteSize(); i += 4)
                assertEquals(0f, Math.abs(own.get(F32, i)), "float " + i / 4);
        }
    }

    /** The JVM takes a name that does not exist without a word. */
    @Test
    void compileCommandsNameClassesThatExist() throws Exception {
        List<String> lines = Files.readAllLines(Path.of("src/main/jvm/compile-commands"));
        List<String> commands = lines.stream().filter(l -> l.startsWith("CompileThresholdScaling ")).toList();
        assertFalse(commands.isEmpty());
        for (String c : commands)
            Class.forName(c.substring(c.indexOf(' ') + 1, c.indexOf("::")), false, WarmUp.class.getClassLoader());
    }

    @Test
    void nothingHappensWithoutTheProperty() {
        System.clearProperty(WarmUp.PROPERTY);
        WarmUp.start(Long.MAX_VALUE);
        WarmUp.startSparse();
        assertFalse(Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals("reprise-warm-up")));
    }
}
