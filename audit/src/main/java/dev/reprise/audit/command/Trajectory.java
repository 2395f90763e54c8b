package dev.reprise.audit.command;

import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.solver.Run;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the states that samples pass: {@code states} (steps + 1, N, sample shape…; float32), with {@code sigma} and {@code scale}
 * (steps + 1, N; float64), where a state is {@code scale (x_0 + sigma ε)}. Batches that took fewer steps than others stay at their end.
 */
final class Trajectory implements Run.Recorder {
    private record State(double[] scale, double[] sigma, float[][] x) {}

    private final Path file;
    private final Shape sample;
    private final int samples;
    private final Map<Integer, List<State>> pieces = new LinkedHashMap<>();

    Trajectory(Path file, Shape sample, int samples) {
        this.file = file;
        this.sample = sample;
        this.samples = samples;
    }

    @Override
    public void state(double[] scale, double[] sigma, double[][] x) { add(0, scale, sigma, x); }

    @Override
    public Run.Recorder piece(int begin) { return (scale, sigma, x) -> add(begin, scale, sigma, x); }

    private void add(int begin, double[] scale, double[] sigma, double[][] x) {
        float[][] copy = new float[x.length][];
        for (int i = 0; i < x.length; i++) {
            copy[i] = new float[x[i].length];
            for (int e = 0; e < copy[i].length; e++)
                copy[i][e] = (float) x[i][e];
        }
        pieces.computeIfAbsent(begin, _ -> new ArrayList<>()).add(new State(scale.clone(), sigma.clone(), copy));
    }

    Path file() { return file; }

    /** Writes the file; answers the states. */
    Tensor write(Arena arena) {
        int steps = pieces.values().stream().mapToInt(List::size).max().orElse(0);
        long[] d = new long[sample.rank() + 2];
        d[0] = steps;
        d[1] = samples;
        System.arraycopy(sample.dims(), 0, d, 2, sample.rank());
        Tensor states = Tensor.allocate(arena, DType.FLOAT32, Shape.of(d));
        Tensor sigma = Tensor.allocate(arena, DType.FLOAT64, Shape.of(steps, samples)),
                scale = Tensor.allocate(arena, DType.FLOAT64, Shape.of(steps, samples));
        long size = sample.size();
        pieces.forEach((begin, list) -> {
            for (int t = 0; t < steps; t++) {
                State s = list.get(Math.min(t, list.size() - 1));
                for (int i = 0; i < s.x.length; i++) {
                    long row = (long) t * samples + begin + i;
                    sigma.setDouble(row, s.sigma[i]);
                    scale.setDouble(row, s.scale[i]);
                    for (int e = 0; e < size; e++)
                        states.setFloat(row * size + e, s.x[i][e]);
                }
            }
        });
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("states", states);
        arrays.put("sigma", sigma);
        arrays.put("scale", scale);
        Npz.write(file, arrays);
        return states;
    }
}
