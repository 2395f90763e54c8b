package dev.reprise.loaders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path folder;

    private void holds(String... names) throws IOException {
        try (Stream<Path> s = Files.list(folder)) {
            assertThat(s.map(p -> p.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }

    @Test
    void replacesAFile() throws IOException {
        Path f = Files.writeString(folder.resolve("a"), "old and longer");
        AtomicFile.write(f, new byte[]{1, 2});
        assertThat(f).hasBinaryContent(new byte[]{1, 2});
        holds("a");
    }

    @Test
    void makesFolders() {
        Path f = folder.resolve("b/c/d");
        AtomicFile.write(f, new byte[1]);
        assertThat(f).hasSize(1);
    }

    @Test
    void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
        Path f = Files.writeString(folder.resolve("a"), "old");
        assertThatThrownBy(() -> AtomicFile.write(f, out -> {
            out.write(1);
            throw new IOException("disk full");
        })).isInstanceOf(LoadException.class).hasMessageContainingAll("a", "cannot be written", "disk full");
        assertThat(f).hasContent("old");
        holds("a");
    }
}
