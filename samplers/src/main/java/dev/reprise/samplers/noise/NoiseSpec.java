package dev.reprise.samplers.noise;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Locale;

/**
 * Whose noise, and which: {@code KIND[:OPTION=VALUE,…]} as people write it, for example {@code torch:seed=42},
 * {@code torch:seeds=0-7,profile=libm} or {@code torch-cuda:seed=3,device=a100}.
 *
 * @param kind       whose generator
 * @param first      the seed, or the first of several; null where none is given
 * @param last       the last of several seeds, each of which draws one row; null where one seed draws everything
 * @param arithmetic of {@code torch}: option {@code profile}, {@code avx2} (the default) or {@code libm}
 * @param threads    of {@code torch-cuda}: resident threads of the device, 0 where not given; option {@code device} or {@code threads}
 * @param rounded    of {@code numpy}: float32 numbers are float64 ones, rounded; option {@code draw=float64}
 */
public record NoiseSpec(Kind kind, Long first, Long last, TorchGenerator.Arithmetic arithmetic, int threads, boolean rounded) {
    /** The generators by name. */
    public enum Kind {
        TORCH, TORCH_CUDA, NUMPY, NUMPY_LEGACY, REPRISE;

        /** As it is written: {@code torch-cuda}. */
        public String text() { return name().toLowerCase(Locale.ROOT).replace('_', '-'); }

        static Kind of(String text) {
            for (Kind k : values())
                if (k.text().equals(text)) return k;
            throw new IllegalArgumentException("noise '" + text + "' is not known; known are " + NAMES);
        }
    }

    /** The names of the generators, for help and messages. */
    public static final String NAMES = "torch, torch-cuda, numpy, numpy-legacy, reprise";

    /** What PyTorch draws on the CPU, with seeds to be given. */
    public static final NoiseSpec TORCH = new NoiseSpec(Kind.TORCH, null, null, TorchGenerator.Arithmetic.AVX2, 0, false);

    /** @throws IllegalArgumentException naming what is wrong and what would be right */
    public static NoiseSpec parse(String text) {
        int colon = text.indexOf(':');
        NoiseSpec s = new NoiseSpec(Kind.of(colon < 0 ? text : text.substring(0, colon)), null, null, TorchGenerator.Arithmetic.AVX2, 0,
                false);
        if (colon < 0) return s;
        for (String option : text.substring(colon + 1).split(",", -1)) {
            int equals = option.indexOf('=');
            if (equals < 1) throw new IllegalArgumentException("noise '" + text + "': options are NAME=VALUE, found '" + option + "'");
            s = s.with(option.substring(0, equals), option.substring(equals + 1), text);
        }
        return s;
    }

    private NoiseSpec with(String name, String value, String text) {
        switch (name) {
            case "seed" -> {
                long seed = seed(value, text);
                return new NoiseSpec(kind, seed, null, arithmetic, threads, rounded);
            }
            case "seeds" -> {
                int dash = value.indexOf('-');
                long from = seed(dash < 0 ? value : value.substring(0, dash), text), to = dash < 0
                        ? from
                        : seed(value.substring(dash + 1), text);
                if (to < from) throw new IllegalArgumentException("noise '" + text + "': seeds must be A-B with A <= B, found " + value);
                return new NoiseSpec(kind, from, to, arithmetic, threads, rounded);
            }
            default -> {
                return switch (kind.text() + " " + name) {
                    case "torch profile" -> new NoiseSpec(kind, first, last, arithmetic(value, text), threads, rounded);
                    case "torch-cuda device" -> new NoiseSpec(kind, first, last, arithmetic, TorchCudaGenerator.threads(value), rounded);
                    case "torch-cuda threads" -> new NoiseSpec(kind, first, last, arithmetic, count(value, text), rounded);
                    case "numpy draw" -> new NoiseSpec(kind, first, last, arithmetic, threads, draw(value, text));
                    default -> throw new IllegalArgumentException(
                            "noise '" + text + "': " + kind.text() + " has no option '" + name + "'; it has seed, seeds" + switch (kind) {
                                case TORCH -> ", profile";
                                case TORCH_CUDA -> ", device, threads";
                                case NUMPY -> ", draw";
                                case NUMPY_LEGACY, REPRISE -> "";
                            });
                };
            }
        }
    }

    private static long seed(String value, String text) {
        try {
            long seed = Long.parseLong(value);
            if (seed >= 0) return seed;
        } catch (NumberFormatException _) {
            // said below
        }
        throw new IllegalArgumentException("noise '" + text + "': a seed must be an integer from 0 to 2^63 - 1, found '" + value + "'");
    }

    private static TorchGenerator.Arithmetic arithmetic(String value, String text) {
        for (TorchGenerator.Arithmetic a : TorchGenerator.Arithmetic.values())
            if (a.name().toLowerCase(Locale.ROOT).equals(value) || a.profile().equals(value)) return a;
        throw new IllegalArgumentException("noise '" + text + "': profile must be avx2 or libm, found '" + value + "'");
    }

    private static int count(String value, String text) {
        try {
            int n = Integer.parseInt(value);
            if (n > 0 && n % 256 == 0) return n;
        } catch (NumberFormatException _) {
            // said below
        }
        throw new IllegalArgumentException("noise '" + text + "': threads must be a multiple of 256 (multiprocessors times the threads "
                + "that each keeps resident), found '" + value + "'");
    }

    private static boolean draw(String value, String text) {
        if (value.equals("float64")) return true;
        if (value.equals("float32")) return false;
        throw new IllegalArgumentException("noise '" + text + "': draw must be float32 or float64, found '" + value + "'");
    }

    /** A fresh generator of a seed. */
    public NormalGenerator generator(long seed) {
        return switch (kind) {
            case TORCH -> new TorchGenerator(seed, arithmetic);
            case TORCH_CUDA -> new TorchCudaGenerator(seed, threads);
            case NUMPY -> new NumpyGenerator(seed, rounded);
            case NUMPY_LEGACY -> new NumpyLegacyGenerator(seed);
            case REPRISE -> new CounterGenerator(seed);
        };
    }

    /** The name and version of the arithmetic, for reports. */
    public String profile() { return generator(0).profile(); }

    /** This noise with a seed of its own for each row, those from first to last. */
    public NoiseSpec withSeeds(long first, long last) {
        if (first < 0 || last < first)
            throw new IllegalArgumentException("seeds must be a range A-B with 0 <= A <= B, found " + first + "-" + last);
        return new NoiseSpec(kind, first, last, arithmetic, threads, rounded);
    }

    /**
     * Draws. One seed fills the whole shape, as {@code torch.randn(shape)} after {@code torch.manual_seed(seed)}. With several, row
     * i is what a generator of its own with seed {@code first + i} draws for {@code shape[1:]}, as EDM's StackedRandomGenerator.
     *
     * @param dtype FLOAT32 or FLOAT64
     * @throws IllegalArgumentException where no seed is given, or the seeds are not as many as the rows
     */
    public Tensor draw(Arena arena, Shape shape, DType dtype) {
        if (first == null) throw new IllegalArgumentException("noise " + kind.text() + " needs a seed, as in " + kind.text() + ":seed=42");
        if (last != null && (shape.rank() == 0 || shape.dim(0) != last - first + 1))
            throw new IllegalArgumentException("noise: " + (last - first + 1) + " seeds draw as many rows, but the shape is " + shape);
        Tensor all = Tensor.allocate(arena, dtype, shape);
        if (last == null) generator(first).randn(all);
        else
            for (long i = 0; i < shape.dim(0); i++)
                generator(first + i).randn(all.rows(i, i + 1));
        return all;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder s = new StringBuilder(kind.text());
        char separator = ':';
        if (first != null) {
            s.append(separator).append(last == null ? "seed=" + first : "seeds=" + first + "-" + last);
            separator = ',';
        }
        if (arithmetic != TorchGenerator.Arithmetic.AVX2) s.append(separator).append("profile=").append("libm");
        if (threads > 0) s.append(separator).append("threads=").append(threads);
        if (rounded) s.append(separator).append("draw=float64");
        return s.toString();
    }
}
