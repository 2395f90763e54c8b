package dev.reprise.audit.command;

import dev.reprise.audit.spec.Seeds;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.NoiseSpec;
import dev.reprise.samplers.noise.NormalGenerator;
import dev.reprise.samplers.noise.NormalGenerator;
import dev.reprise.samplers.solver.Run;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import picocli.CommandLine.Option;

/**
 * Where the initial noise comes from: {@code --seeds} (a generator for each sample), {@code --noise KIND:seed=S --count N} (one
 * generator for all) or {@code --noise-file}.
 */
final class NoiseOptions {
    @Option(names = "--seeds", paramLabel = "A-B", converter = SeedsConverter.class, description = "Seeds, both ends included; one sample each.")
    private Seeds seeds;

    @Option(names = "--noise", paramLabel = "SPEC", description = "Whose noise: " + NoiseSpec.NAMES
            + " (default torch), with options as `reprise noise --help` tells. With a seed, as in torch:seed=42, one generator draws all samples.")
    private String noise = "torch";

    @Option(names = "--count", paramLabel = "N", description = "Number of samples, where --noise has one seed for all of them.")
    private Integer count;

    @Option(names = "--noise-dtype", paramLabel = "TYPE", defaultValue = "float32", description = "What the generator draws: float32 (the default) or float64.")
    private String dtype;

    @Option(names = "--noise-file", paramLabel = "FILE", description = "Standard normal noise (N, C, H, W) instead: .npy, .npz, .pt or .safetensors (its array noise, or only one).")
    private Path file;

    private NoiseSpec spec;
    private int samples;

    /** Number of samples; known once the noise is drawn. */
    int count() { return samples; }

    /** The seeds as given, for reports; null where the noise came from a file. */
    String seeds() {
        return spec == null
                ? null
                : spec.last() == null || spec.first().equals(spec.last())
                        ? spec.first().toString()
                        : spec.first() + "-" + spec.last();
    }

    /** The seed of each sample; for noise from a file its row. */
    long[] list() {
        if (spec == null) return LongStream.range(0, samples).toArray();
        return spec.last() == null
                ? LongStream.range(0, samples).map(_ -> spec.first()).toArray()
                : LongStream.rangeClosed(spec.first(), spec.last()).toArray();
    }

    /** The name of the arithmetic that the numbers follow, or the file. */
    String profile() {
        return spec == null ? file.toString() : spec.profile();
    }

    /** Standard normal, (N, shape…). */
    Tensor draw(Arena arena, Shape shape) {
        Tensor t = file != null ? NoiseFiles.read(nothingElse(), shape, arena) : drawn(arena, shape);
        samples = t.shape().dimInt(0);
        return t;
    }

    /**
     * For noise on the way: the generator of each sample, past its initial noise.
     *
     * @return empty where the samples have no generators of their own
     */
    List<NormalGenerator> streams(Tensor initial) {
        if (spec == null || spec.last() == null) return List.of();
        int size = Math.toIntExact(initial.size() / initial.shape().dim(0));
        return LongStream.rangeClosed(spec.first(), spec.last()).mapToObj(seed -> {
            NormalGenerator g = spec.generator(seed);
            if (initial.dtype() == DType.FLOAT64) g.randnDouble(size);
            else g.randn(size);
            return g;
        }).toList();
    }

    private Path nothingElse() {
        if (seeds != null || count != null || !noise.equals("torch"))
            throw Failure.badInput("--noise-file brings the noise of every sample; leave out --seeds, --count and --noise");
        return file;
    }

    private Tensor drawn(Arena arena, Shape shape) {
        spec = NoiseSpec.parse(noise);
        DType type = switch (dtype) {
            case "float32" -> DType.FLOAT32;
            case "float64" -> DType.FLOAT64;
            default -> throw Failure.badInput("--noise-dtype must be float32 or float64, found '" + dtype + "'");
        };
        long n;
        if (seeds != null) {
            if (spec.first() != null || count != null)
                throw Failure.badInput("--seeds gives each sample a seed of its own; leave out --count and the seed of --noise");
            spec = spec.withSeeds(seeds.first(), seeds.last());
            n = seeds.count();
        } else if (spec.first() == null) {
            throw Failure.badInput("--seeds is missing (or a seed in --noise, as in torch:seed=42 with --count, or --noise-file)");
        } else if (spec.last() != null) {
            n = spec.last() - spec.first() + 1;
            if (count != null && count != n) throw Failure.badInput("--count is " + count + ", but --noise has " + n + " seeds");
        } else {
            if (count == null || count < 1)
                throw Failure.badInput("--noise " + noise + " has one seed for all samples; --count N tells how many");
            n = count;
        }
        long[] d = new long[shape.rank() + 1];
        d[0] = n;
        System.arraycopy(shape.dims(), 0, d, 1, shape.rank());
        return spec.draw(arena, Shape.of(d), type);
    }

    /**
     * Fresh noise for stochastic samplers: each sample's generator goes on where its initial noise ended. Null where the samples have no
     * generators of their own.
     *
     * @param size elements of a sample
     */
    Run.Draws draws(int size) {
        if (spec == null || spec.last() == null && samples > 1) return null;
        NormalGenerator[] own = new NormalGenerator[samples];
        boolean wide = dtype.equals("float64");
        return (row, z) -> {
            if (own[row] == null) {
                own[row] = spec.generator(spec.first() + row);
                if (wide) own[row].randnDouble(size);
                else own[row].randn(size);
            }
            if (wide) System.arraycopy(own[row].randnDouble(z.length), 0, z, 0, z.length);
            else {
                float[] f = own[row].randn(z.length);
                for (int e = 0; e < f.length; e++)
                    z[e] = f[e];
            }
        };
    }
}
