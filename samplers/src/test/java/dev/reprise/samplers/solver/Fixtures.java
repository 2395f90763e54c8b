package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.SubVp;
import dev.reprise.samplers.schedule.Ve;
import dev.reprise.samplers.schedule.Vp;
import dev.reprise.samplers.schedule.VpDiscrete;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The problem of recipes/solver_fixtures.py: an even mixture of seven Gaussians in eight dimensions. */
final class Fixtures {
    static final int POINTS = 7, SIZE = 8;
    static final double WIDTH = 0.25;

    private Fixtures() {}

    static double[] point(int i) {
        double[] y = new double[SIZE];
        for (int e = 0; e < SIZE; e++)
            y[e] = (i * 7 + e * 5) % 17 / 8.0 - 1;
        return y;
    }

    static double[][] noise(Schedule k) {
        double[][] x = new double[2][SIZE];
        for (int r = 0; r < 2; r++)
            for (int e = 0; e < SIZE; e++)
                x[r][e] = ((r * 13 + e * 5) % 9 / 4.0 - 1) * k.priorStd();
        return x;
    }

    /** The ideal denoiser of the mixture. */
    static final Denoiser MIXTURE = (x, sigma, x0) -> {
        for (int r = 0; r < x.length; r++) {
            double noise = sigma[r] * sigma[r], v = WIDTH * WIDTH + noise, total = 0, least = Double.POSITIVE_INFINITY;
            double[] d2 = new double[POINTS];
            for (int i = 0; i < POINTS; i++) {
                for (int e = 0; e < SIZE; e++)
                    d2[i] += (x[r][e] - point(i)[e]) * (x[r][e] - point(i)[e]);
                least = Math.min(least, d2[i]);
            }
            double[] mean = new double[SIZE];
            for (int i = 0; i < POINTS; i++) {
                double w = StrictMath.exp(-(d2[i] - least) / (2 * v));
                total += w;
                for (int e = 0; e < SIZE; e++)
                    mean[e] += w * point(i)[e];
            }
            for (int e = 0; e < SIZE; e++)
                x0[r][e] = (WIDTH * WIDTH * x[r][e] + noise * mean[e] / total) / v;
        }
    };

    static Schedule kernel(String name) {
        return switch (name) {
            case "vp" -> Vp.DEFAULT;
            case "vp-discrete" -> VpDiscrete.linear(1e-4, 0.02, 1000);
            case "sub-vp" -> SubVp.DEFAULT;
            case "ve" -> Ve.DEFAULT;
            case "edm" -> Edm.DEFAULT;
            default -> throw new IllegalArgumentException(name);
        };
    }

    static List<String> lines(String name) throws IOException {
        try (InputStream in = Fixtures.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
        }
    }
}
