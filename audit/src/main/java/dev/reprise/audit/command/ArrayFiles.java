package dev.reprise.audit.command;

import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.weights.WeightFile;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;

/** Arrays in {@code .npy} and {@code .npz} files, and the tensors of PyTorch's and safetensors files. */
final class ArrayFiles {
    private ArrayFiles() {}

    static boolean isArchive(Path file) { return file.toString().endsWith(".npz") || WeightFile.isNamedSo(file); }

    /** The arrays of a file by name; an {@code .npy} file's only one is called "", as is a PyTorch file's. */
    static Map<String, Tensor> read(Path file, Arena arena) {
        if (WeightFile.isNamedSo(file)) return WeightFile.open(file, arena).tensors();
        return isArchive(file) ? Npz.read(file, arena) : Map.of("", Npy.read(file, arena));
    }
}
