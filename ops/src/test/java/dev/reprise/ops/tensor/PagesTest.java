package dev.reprise.ops.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PagesTest {
    @TempDir
    Path folder;

    @Test
    void memoryIsZeroedAlignedAndApart() {
        long seed = 5;
        Random random = new Random(seed);
        try (Arena arena = Pages.arena()) {
            List<MemorySegment> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                long bytes = i % 10 == 0 ? 9_000_000 + random.nextInt(20_000_000) : random.nextInt(1 << random.nextInt(1, 21)),
                        alignment = 1L << random.nextInt(13);
                MemorySegment s = arena.allocate(bytes, alignment);
                assertThat(s.byteSize()).as("seed %d", seed).isEqualTo(bytes);
                assertThat(s.address() % alignment).isZero();
                assertThat(s.mismatch(MemorySegment.ofArray(new byte[(int) bytes]))).as("zeroed").isEqualTo(-1);
                s.fill((byte) (i + 1));
                all.add(s);
            }
            for (int i = 0; i < all.size(); i++)
                for (long at : new long[]{0, all.get(i).byteSize() / 2, all.get(i).byteSize() - 1})
                    if (at >= 0 && at < all.get(i).byteSize()) assertThat(all.get(i).get(Tensor.I8, at)).isEqualTo((byte) (i + 1));
        }
    }

    @Test
    void closingEndsEveryBlock() {
        Arena arena = Pages.arena();
        MemorySegment small = arena.allocate(100), large = arena.allocate(30_000_000);
        arena.close();
        assertThat(small.scope().isAlive()).isFalse();
        assertThatThrownBy(() -> large.get(Tensor.I8, 0)).isInstanceOf(IllegalStateException.class);
        for (long bytes : new long[]{1, 30_000_000})
            assertThatThrownBy(() -> arena.allocate(bytes)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsForgottenComesBack() throws IOException {
        byte[] content = new byte[3_000_001];
        new Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("weights"), content);
        try (Arena arena = Arena.ofShared(); FileChannel c = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment mapped = c.map(MapMode.READ_ONLY, 0, content.length, arena);
            Pages.forget(mapped.asSlice(12_345, 1_000_000));
            Pages.forget(mapped);
            assertThat(mapped.mismatch(MemorySegment.ofArray(content))).isEqualTo(-1);
            // What was written here is nowhere else.
            MemorySegment ours = c.map(MapMode.PRIVATE, 0, content.length, arena), plain = arena.allocate(content.length).fill((byte) 7);
            ours.fill((byte) 7);
            Pages.forget(ours);
            Pages.forget(plain.asReadOnly());
            assertThat(ours.mismatch(plain)).isEqualTo(-1);
            assertThat(plain.get(Tensor.I8, content.length / 2)).isEqualTo((byte) 7);
        }
    }
}
