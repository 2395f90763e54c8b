package dev.reprise.engine.plan;

import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.device.Device;
import java.util.function.Consumer;

/**
 * How graphs are compiled.
 *
 * @param optimize fuse operators and choose layouts; without it a plan runs the model's own operators one by one
 * @param exact    no Winograd: every convolution sums its products directly
 * @param device   takes the pieces of the graph that it supports; the CPU runs the rest
 * @param strict   what the device cannot take, or fails at in a run, is an error, and not a warning and the CPU's
 * @param warnings told what a user should know, such as a device that failed
 */
public record PlanOptions(boolean optimize, boolean exact, Device device, boolean strict, Consumer<String> warnings) {
    public static final PlanOptions DEFAULT = new PlanOptions(true, false, CpuDevice.INSTANCE, false, _ -> {});

    public PlanOptions optimize(boolean on) { return new PlanOptions(on, exact, device, strict, warnings); }

    public PlanOptions exact(boolean on) { return new PlanOptions(optimize, on, device, strict, warnings); }

    public PlanOptions device(Device d) { return new PlanOptions(optimize, exact, d, strict, warnings); }

    public PlanOptions strict(boolean on) { return new PlanOptions(optimize, exact, device, on, warnings); }

    public PlanOptions warnings(Consumer<String> w) { return new PlanOptions(optimize, exact, device, strict, w); }
}
