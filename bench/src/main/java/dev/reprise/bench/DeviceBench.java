package dev.reprise.bench;

import dev.reprise.engine.plan.Plan;
import dev.reprise.metrics.Scores;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One model on several devices in one process: time of a forward and of an image, what copying and compiling cost apart from it, how
 * far the results are from the first device's, and how each operator ran.
 */
final class DeviceBench {
    /**
     * One device with one model at one batch size; times are milliseconds.
     *
     * @param forward    of one run, copies included
     * @param perImage   the median forward's share of an image
     * @param compileMs  making code, once
     * @param loadMs     copying weights, once
     * @param transferMs copying inputs and outputs, of one run
     * @param share      of the multiplications and additions that pieces on the device do
     * @param most       greatest difference from the first device, as a share of its greatest value
     * @param rp         share of outputs, taken as images, whose cosine similarity to the first device's is above 0.6
     * @param work       operators by tier
     */
    record Row(String model, int batch, String device, String name, Series forward, double perImage, double compileMs, double loadMs,
            double transferMs, double share, double most, double rp, List<Device.Work> work) {}

    private DeviceBench() {}

    static List<Row> measure(String label, Path file, int batch, List<Device> devices, int threads, double seconds, PrintWriter out) {
        List<Row> rows = new ArrayList<>();
        float[] first = null;
        try (Arena arena = Arena.ofShared()) {
            for (Device d : devices)
                try (Reprise r = new Reprise(file, threads, d)) {
                    Map<String, Tensor> in = Inputs.of(r.inputs(), batch, arena);
                    float[] found = r.output(in);
                    if (first == null) first = found;
                    Subject.Run run = r.prepare(in, arena);
                    SideBySide.warmUp(run, Math.max(1, seconds), _ -> {});
                    Plan plan = r.plan(in);
                    long before = transfer(plan), runs = runs(plan);
                    Series forward = SideBySide.measure(run, null, seconds).first();
                    Row row = row(label, batch, d, forward, plan, (transfer(plan) - before) / 1e6 / Math.max(1, runs(plan) - runs), first,
                            found);
                    rows.add(row);
                    print(row, out);
                }
        }
        return rows;
    }

    private static long transfer(Plan p) { return p.pieces().stream().mapToLong(x -> x.cost().transfer()).sum(); }

    private static long runs(Plan p) { return p.pieces().stream().mapToLong(x -> x.cost().runs()).max().orElse(0); }

    private static Row row(String label, int batch, Device d, Series forward, Plan plan, double transferMs, float[] first, float[] found) {
        double compile = 0, load = 0;
        long there = 0;
        List<Device.Work> work = new ArrayList<>();
        for (Device.Piece p : plan.pieces()) {
            compile += p.cost().compile() / 1e6;
            load += p.cost().load() / 1e6;
            there += p.flops();
            work.addAll(p.work());
        }
        return new Row(label, batch, d.info().id(), d.info().name(), forward, forward.median() / batch, compile, load, transferMs,
                plan.flops() == 0 ? 0 : (double) there / plan.flops(), difference(first, found), rp(first, found, batch), work);
    }

    private static double difference(float[] first, float[] found) {
        double worst = 0, most = 1e-30;
        for (int i = 0; i < first.length; i++) {
            double d = Math.abs((double) first[i] - found[i]);
            // A NaN must not pass as no difference.
            worst = d >= 0 ? Math.max(worst, d) : Double.POSITIVE_INFINITY;
            most = Math.max(most, Math.abs(first[i]));
        }
        return worst / most;
    }

    /** RP with the outputs themselves as descriptors. */
    private static double rp(float[] first, float[] found, int batch) {
        try (Arena arena = Arena.ofConfined()) {
            return Scores.rp(unit(first, batch, arena), unit(found, batch, arena), Scores.SIMILAR).score().value();
        }
    }

    private static Tensor unit(float[] values, int batch, Arena arena) {
        int n = values.length / batch;
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(batch, n));
        for (int b = 0; b < batch; b++) {
            double squares = 1e-30;
            for (int i = 0; i < n; i++)
                squares += (double) values[b * n + i] * values[b * n + i];
            for (int i = 0; i < n; i++)
                t.setFloat((long) b * n + i, (float) (values[b * n + i] / Math.sqrt(squares)));
        }
        return t;
    }

    static void header(PrintWriter out) {
        out.println("%-16s %5s %-14s %11s %11s %10s %9s %9s %9s %10s %5s".formatted("model", "batch", "device", "forward", "an image",
                "compile",
                "weights", "transfer", "on it", "difference", "RP"));
    }

    private static void print(Row r, PrintWriter out) {
        out.println(String.format(Locale.ROOT, "%-16s %5d %-14s %8.2f ms %8.2f ms %7.0f ms %6.1f ms %6.2f ms %7.1f %% %10.1e %5.2f",
                r.model, r.batch,
                r.device, r.forward.median(), r.perImage, r.compileMs, r.loadMs, r.transferMs, 100 * r.share, r.most, r.rp));
        for (Device.Work w : r.work)
            out.println("    %-26s %-14s %4d launches".formatted(w.operator(), w.tier(), w.launches()));
        out.flush();
    }
}
