package dev.reprise.bench;

import java.util.Arrays;
import java.util.List;

/** What many timings of one thing say. */
record Series(double median, double lowerQuartile, double upperQuartile, double least, int count) {
    /** @throws IllegalArgumentException where there is nothing */
    static Series of(List<Double> values) {
        if (values.isEmpty()) throw new IllegalArgumentException("no values");
        double[] v = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Series(median(values), v[v.length / 4], v[v.length * 3 / 4], v[0], v.length);
    }

    static double median(List<Double> values) {
        double[] v = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(v);
        int n = v.length;
        return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    }
}
