package dev.reprise.audit.command;

import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;

/** Arrays in {@code .npy} and {@code .npz} files. */
final class ArrayFiles {
    private ArrayFiles() {}

    static boolean isArchive(Path file) { return file.toString().endsWith(".npz"); }

    /** The arrays of a file by name; an {@code .npy} file's only one is called "". */
    static Map<String, Tensor> read(Path file, Arena arena) {
        return isArchive(file) ? Npz.read(file, arena) : Map.of("", Npy.read(file, arena));
    }
}
