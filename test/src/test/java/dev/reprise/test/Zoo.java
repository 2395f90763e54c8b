package dev.reprise.test;

import dev.reprise.bench.model.Networks;
import dev.reprise.engine.Model;
import dev.reprise.loaders.onnx.OnnxWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The networks on which the determinism contract is tested: one file each. */
final class Zoo {
    private Zoo() {}

    /** The embedded models: small U-Nets, a DiT, a U-ViT and a ResNet, trained. */
    static List<Path> embedded() {
        return List.of("unet-ddpm", "unet-edm", "dit", "uvit", "descriptor").stream().map(n -> Path.of("..", "models", n + ".onnx"))
                .toList();
    }

    /** Networks as PyTorch exports them, with random weights and a few channels: small enough for an interpreted JVM. */
    static List<Path> tiny() {
        return List.of("ddpm", "dit", "uvit", "sscd").stream().map(n -> {
            try {
                return Path.of(Zoo.class.getResource("/parity/" + n + "-17.onnx").toURI());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }).toList();
    }

    /**
     * A U-Net of 32 and 64 channels at 32×32, whose convolutions go through both of Winograd's forms; and SSCD's ResNet-50 in full size, where products leave zeros out, residuals
     * are overwritten, windows are read where they lie, and a batch runs part by part.
     */
    static List<Path> wide(Path folder) { return List.of(network(folder, "ddpmpp-32"), network(folder, "sscd")); }

    /** A network of {@code bench} with random weights, written once. */
    static Path network(Path folder, String network) {
        Path file = folder.resolve(network + ".onnx");
        if (Files.exists(file)) return file;
        try (Model m = Networks.named(network)) {
            OnnxWriter.write(m, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    static List<Path> all(Path folder) {
        List<Path> all = new ArrayList<>(embedded());
        all.addAll(tiny());
        all.addAll(wide(folder));
        return all;
    }
}
