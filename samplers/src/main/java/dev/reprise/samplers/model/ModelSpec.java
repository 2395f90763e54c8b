package dev.reprise.samplers.model;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.samplers.schedule.Edm;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Ve;
import java.util.List;

/**
 * What has to be known about a diffusion model to sample it: its metadata, parsed.
 *
 * @param name             for messages
 * @param parameterization what its output means
 * @param schedule         the kernel it was trained with
 * @param time             what its time input wants
 * @param inputs           names of its inputs
 * @param output           name of its output; null for the only one
 * @param sampleShape      shape of one sample, for example (3, 32, 32)
 * @param range            of clean images
 * @param classes          null for an unconditional model
 * @param suggestion       the sampler its authors suggest; null where they suggest none
 * @param learnedVariance  whether the output has twice the sample's channels, the second half of them a learned variance
 *                         (Nichol and Dhariwal 2021), which deterministic samplers drop
 */
public record ModelSpec(String name, Parameterization parameterization, Schedule schedule, TimeConvention time, Inputs inputs,
        String output, Shape sampleShape, Range range, Classes classes, Suggestion suggestion, boolean learnedVariance) {
    /** Input names by role; {@code time} is null for a network that takes none, {@code label} for one without classes. */
    public record Inputs(String sample, String time, String label) {}

    public record Range(double min, double max) {
        public static final Range SYMMETRIC = new Range(-1, 1);

        public Range {
            if (!(min < max)) throw new IllegalArgumentException("range must have min < max, found [" + min + ", " + max + "]");
        }
    }

    /**
     * @param count     labels are 0 … count − 1
     * @param nullLabel the label that means "no class"; null where the model was not trained with one
     * @param names     of the classes; empty, or one for each
     */
    public record Classes(int count, Integer nullLabel, List<String> names) {
        public Classes {
            names = List.copyOf(names);
            if (count < 1) throw new IllegalArgumentException("classes.count must be at least 1, found " + count);
            if (!names.isEmpty() && names.size() != count)
                throw new IllegalArgumentException("classes.names must have " + count + " entries, found " + names.size());
        }
    }

    /** A name for {@code Samplers.named} and its number of steps. */
    public record Suggestion(String name, int steps) {}

    /** Without a learned variance. */
    public ModelSpec(String name, Parameterization parameterization, Schedule schedule, TimeConvention time, Inputs inputs, String output,
            Shape sampleShape, Range range, Classes classes, Suggestion suggestion) {
        this(name, parameterization, schedule, time, inputs, output, sampleShape, range, classes, suggestion, false);
    }

    /** The same model, of another output. */
    public ModelSpec withOutput(String name) {
        return new ModelSpec(this.name, parameterization, schedule, time, inputs, name, sampleShape, range, classes, suggestion,
                learnedVariance);
    }

    /** Shape of the network's output for one sample. */
    public Shape outputShape() {
        if (!learnedVariance) return sampleShape;
        long[] d = sampleShape.dims().clone();
        d[0] *= 2;
        return Shape.of(d);
    }

    public ModelSpec {
        if (inputs == null || inputs.sample() == null)
            throw new IllegalArgumentException(name + ": inputs.sample must name the input that takes the noisy sample");
        if (sampleShape.size() == 0) throw new IllegalArgumentException(name + ": sampleShape must not be empty, found " + sampleShape);
        if (parameterization instanceof Parameterization.V && !preservesVariance(schedule))
            throw new IllegalArgumentException(
                    name + ": v prediction needs a variance-preserving schedule (vp, vp-discrete), found " + schedule);
        if (classes != null && inputs.label() == null)
            throw new IllegalArgumentException(name + ": a model with classes needs inputs.label");
    }

    private static boolean preservesVariance(Schedule k) {
        return !(k instanceof Edm || k instanceof Ve)
                && Math.abs(k.s(k.tMax()) * k.s(k.tMax()) + k.std(k.tMax()) * k.std(k.tMax()) - 1) < 1e-9
                && Math.abs(k.s(k.tMin()) * k.s(k.tMin()) + k.std(k.tMin()) * k.std(k.tMin()) - 1) < 1e-9;
    }
}
