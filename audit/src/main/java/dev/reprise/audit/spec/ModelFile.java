package dev.reprise.audit.spec;

import dev.reprise.engine.Model;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.loaders.weights.WeightBinding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a model is: an ONNX file, the JSON file that describes one or several, or {@code embedded:NAME} for one that Reprise
 * brings along.
 *
 * @param reference as the user wrote it
 * @param file      null for an embedded one, and for the descriptor {@code pixels}
 */
public record ModelFile(String reference, Path file) {
    private static final String EMBEDDED = "embedded:";
    /** What may stand before the file of a descriptor, and all there is of the one without a file. */
    static final String SSCD = "sscd:", SSCD_288 = "sscd-288:", PIXELS = "pixels";
    /** The models that Reprise brings along. */
    static final List<String> NAMES = List.of("descriptor", "dit", "gan-1", "unet-ddpm", "unet-ddpm-64", "unet-edm", "uvit", "vae-1",
            "vae-2");
    private static final String FOLDER = "/dev/reprise/audit/models/";

    /** @param base folder that a relative path starts from, or null for the current one */
    public static ModelFile of(String reference, Path base) {
        if (reference.startsWith(EMBEDDED) || reference.equals(PIXELS)) return new ModelFile(reference, null);
        String path = reference;
        for (String prefix : new String[]{SSCD, SSCD_288})
            if (reference.startsWith(prefix)) path = reference.substring(prefix.length());
        Path p = Path.of(path);
        return new ModelFile(reference, base == null || p.isAbsolute() ? p : base.resolve(p));
    }

    /** True for the descriptor that is no network. */
    public boolean pixels() { return file == null && reference.equals(PIXELS); }

    /** True for a model that Reprise brings along. */
    public boolean embedded() { return reference.startsWith(EMBEDDED); }

    /** True for a file that describes a model, whose networks lie in other files. */
    public boolean description() {
        return file != null && file.toString().endsWith(".json");
    }

    /** The name without folder and ending. */
    public String name() {
        if (pixels()) return reference;
        if (file == null) return reference.substring(EMBEDDED.length());
        return String.valueOf(file.getFileName()).replaceFirst("\\.(onnx|json)$", "");
    }

    /** A file that this one's description names, from the folder where it lies. */
    ModelFile beside(String path) {
        return of(path, file == null ? null : file.getParent());
    }

    /** The model, which has to be closed. */
    public Model load() { return load(null); }

    /** The model, which has to be closed, with the tensors of another file for its weights; null for its own. */
    public Model load(WeightBinding weights) {
        if (description())
            throw new IllegalArgumentException(reference + ": describes a diffusion model; what is wanted here is one ONNX file");
        if (file != null) return OnnxLoader.load(file, weights);
        byte[] bytes = resource(name() + ".onnx");
        if (bytes == null)
            throw new IllegalArgumentException(
                    "'" + reference + "' is no embedded model; there are " + EMBEDDED + String.join(", " + EMBEDDED, NAMES));
        return OnnxLoader.load(bytes, name() + ".onnx", weights);
    }

    /**
     * The sidecar beside the file (or that the file is), or what the ONNX file's metadata holds under {@code reprise}, or null.
     *
     * @param model null for a description
     */
    public Tree.Mapping metadata(Model model) {
        String text = null, name = reference.replaceFirst("\\.(onnx|json)$", "") + ".json";
        if (file == null) {
            byte[] bytes = resource(name() + ".json");
            if (bytes != null) text = new String(bytes, StandardCharsets.UTF_8);
        } else {
            Path beside = file.resolveSibling(name() + ".json");
            try {
                if (description() || Files.isRegularFile(beside)) text = Files.readString(beside);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (text == null) {
            text = model.info().metadata().get("reprise");
            name = model.info().name() + ", metadata 'reprise'";
        }
        if (text == null) return null;
        Tree tree = Tree.json(text, name);
        if (tree instanceof Tree.Mapping m) return m;
        throw new SpecException(name, tree.mark(), "must be a JSON object");
    }

    private static byte[] resource(String name) {
        try (InputStream in = ModelFile.class.getResourceAsStream(FOLDER + name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() { return reference; }
}
