package dev.reprise.audit.command;

import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.Blend;
import dev.reprise.samplers.noise.NoiseSpec;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "noise", description = {"Writes the standard normal numbers that a generator draws: " + NoiseSpec.NAMES + ".",
    "SPEC is KIND:seed=N (one draw of the whole shape) or KIND:seeds=A-B (a row for each seed); torch has profile=avx2|libm, "
            + "torch-cuda device=NAME or threads=N, numpy draw=float64.",
    "Two --noise give a path between them, three a plane through them, of --points points (a side)."})
public final class NoiseCommand implements Callable<Integer> {
    private record Result(List<String> noise, List<String> profile, String dtype, long[] shape, String sha256, String file) {}

    @Spec
    private CommandSpec spec;

    @Option(names = "--noise", required = true, paramLabel = "SPEC", description = "Whose noise, such as torch:seed=42; once, twice or three times.")
    private List<String> noise;

    @Option(names = "--shape", required = true, paramLabel = "N,C,H,W", description = "Its shape.")
    private String shape;

    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "float32", description = "float32 (the default) or float64.")
    private String dtype;

    @Option(names = "--blend", paramLabel = "HOW", defaultValue = "slerp", description = "How to go from one noise to another: slerp (the default) or linear.")
    private String blend;

    @Option(names = "--points", paramLabel = "N", defaultValue = "9", description = "Points of a path, or of each side of a plane (default 9).")
    private int points;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "FILE.npy, or FILE.npz for an array named noise.")
    private Path out;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        OutFile.check("--out", out, ".npy", ".npz");
        Shape wanted = shape();
        if (noise.size() > 3) throw Failure.badInput("--noise can be given three times at most, found " + noise.size());
        DType type = switch (dtype) {
            case "float32" -> DType.FLOAT32;
            case "float64" -> DType.FLOAT64;
            default -> throw Failure.badInput("--dtype must be float32 or float64, found '" + dtype + "'");
        };
        List<NoiseSpec> specs = noise.stream().map(NoiseSpec::parse).toList();
        try (Arena arena = Arena.ofConfined()) {
            List<Tensor> drawn = specs.stream().map(s -> s.draw(arena, wanted, type)).toList();
            Tensor result = switch (drawn.size()) {
                case 1 -> drawn.getFirst();
                case 2 -> blend().path(arena, drawn.get(0), drawn.get(1), points);
                default -> blend().plane(arena, drawn.get(0), drawn.get(1), drawn.get(2), points);
            };
            if (out.toString().endsWith(".npz")) Npz.write(out, Map.of("noise", result));
            else Npy.write(out, result);
            Result r = new Result(specs.stream().map(NoiseSpec::toString).toList(), specs.stream().map(NoiseSpec::profile).toList(), dtype,
                    result.shape().dims(), result.sha256(), out.toString());
            json.print(spec, r, text -> {
                text.printf("noise        %s  sha256 %s%n", result, r.sha256);
                for (int i = 0; i < specs.size(); i++)
                    text.printf("drawn by     %s (%s)%n", r.noise.get(i), r.profile.get(i));
                text.printf("written to   %s%n", out);
            });
            return 0;
        }
    }

    private Shape shape() {
        try {
            long[] d = Arrays.stream(shape.split(",", -1)).mapToLong(t -> Long.parseLong(t.strip())).toArray();
            if (Arrays.stream(d).allMatch(n -> n >= 0)) return Shape.of(d);
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw Failure.badInput("--shape must be whole numbers between commas, as in 4,3,32,32, found '" + shape + "'");
    }

    private Blend blend() {
        for (Blend b : Blend.values())
            if (b.name().toLowerCase(Locale.ROOT).equals(blend)) return b;
        throw Failure.badInput("--blend must be slerp or linear, found '" + blend + "'");
    }
}
