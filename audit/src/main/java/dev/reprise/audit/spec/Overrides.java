package dev.reprise.audit.spec;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a command line or a spec says of a model's metadata. Null leaves what the metadata says.
 *
 * @param parameterization epsilon, x0, v or edm
 * @param schedule         a kind, with options after a colon: {@code vp-discrete:betas=cosine,steps=4000}
 * @param time             index, continuous, cnoise or sigma
 * @param training         the images that the model was trained on
 */
public record Overrides(String parameterization, String schedule, String time, Sidecar.Training training) {
    public static final Overrides NONE = new Overrides(null, null, null);

    /** Nothing said of the training set. */
    public Overrides(String parameterization, String schedule, String time) {
        this(parameterization, schedule, time, null);
    }

    /** The metadata with these entries over it; where there is no metadata, with what the model's own inputs tell. */
    Tree.Mapping over(Tree.Mapping metadata, Model model, ModelFile file) {
        if (metadata == null && parameterization == null)
            throw new IllegalArgumentException(file
                    + ": nothing says how to sample this model: put " + file.name()
                    + ".json beside it (see models/README.md), or give --parameterization, --schedule and --time");
        Map<String, Tree> all = new LinkedHashMap<>(metadata == null ? guess(model) : metadata.entries());
        if (parameterization != null) all.put("parameterization", new Tree.Scalar(parameterization));
        if (schedule != null) all.put("schedule", scheduleEntries());
        if (time != null) all.put("time", new Tree.Scalar(time));
        return new Tree.Mapping(all, metadata == null ? Tree.Mark.NONE : metadata.mark());
    }

    private Tree.Mapping scheduleEntries() {
        Map<String, Tree> entries = new LinkedHashMap<>();
        int colon = schedule.indexOf(':');
        entries.put("kind", new Tree.Scalar(colon < 0 ? schedule : schedule.substring(0, colon)));
        for (String option : colon < 0 ? new String[0] : schedule.substring(colon + 1).split(",")) {
            int equals = option.indexOf('=');
            if (equals < 1) throw new IllegalArgumentException("--schedule: '" + option + "' must be NAME=VALUE, as in edm:sigmaMax=80");
            String value = option.substring(equals + 1);
            entries.put(option.substring(0, equals), new Tree.Scalar(value.matches("\\d{1,9}") ? (Object) Long.valueOf(value) : value));
        }
        return new Tree.Mapping(entries, Tree.Mark.NONE);
    }

    /** The sample is the input of rank 4, the label is of integers, the time is the other. */
    private static Map<String, Tree> guess(Model model) {
        Map<String, Tree> inputs = new LinkedHashMap<>(), all = new LinkedHashMap<>();
        for (Value v : model.graph().inputs()) {
            if (!(v.type() instanceof ValueType.TensorType t)) continue;
            boolean sample = t.dims() != null && t.dims().size() == 4;
            inputs.putIfAbsent(sample ? "sample" : t.dtype().isInteger() ? "label" : "time", new Tree.Scalar(v.name()));
            if (!sample) continue;
            List<Tree> shape = new ArrayList<>();
            for (ValueType.Dim d : t.dims().subList(1, 4))
                if (d instanceof ValueType.Dim.Known k) shape.add(new Tree.Scalar(k.size()));
            if (shape.size() == 3) all.putIfAbsent("sampleShape", new Tree.Sequence(shape, Tree.Mark.NONE));
        }
        all.put("inputs", new Tree.Mapping(inputs, Tree.Mark.NONE));
        return all;
    }
}
