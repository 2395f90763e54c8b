package dev.reprise.audit.command;

import dev.reprise.audit.spec.Seeds;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.Noise;
import dev.reprise.samplers.noise.TorchGenerator;
import java.lang.foreign.Arena;
import java.util.stream.LongStream;
import picocli.CommandLine.Option;

/** Where the initial noise comes from. */
final class NoiseOptions {
    @Option(names = "--seeds", required = true, paramLabel = "A-B", converter = SeedsConverter.class, description = "Seeds, both ends included; one sample each.")
    private Seeds seeds;

    /** Number of samples. */
    int count() { return seeds.count(); }

    /** The seeds as given, for reports. */
    String seeds() { return seeds.toString(); }

    long[] list() { return LongStream.rangeClosed(seeds.first(), seeds.last()).toArray(); }

    /** The name of the arithmetic that the numbers follow. */
    String profile() { return TorchGenerator.PROFILE; }

    /** Standard normal, (N, shape…). */
    Tensor draw(Arena arena, Shape shape) {
        return Noise.perSeed(arena, seeds.first(), seeds.last(), shape);
    }
}
