package dev.reprise.bench.model;

import dev.reprise.engine.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Full-size networks of the paper's families, with random weights. Close the models. */
public final class Networks {
    /** The key of a model's metadata under which its number of parameters stands. */
    public static final String PARAMETERS = "parameters";

    private static final Map<String, Supplier<Model>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("ddpm", () -> Ddpm.build(128));
        ALL.put("ddpmpp", () -> DdpmPlusPlus.build(128));
        ALL.put("ddpmpp-64", () -> DdpmPlusPlus.build(64));
        ALL.put("ddpmpp-32", () -> DdpmPlusPlus.build(32));
        ALL.put("dit-s2", () -> Dit.build(384, 12, 6));
        ALL.put("uvit-s2", () -> UVit.build(512, 12, 8));
        ALL.put("sscd", Sscd::build);
        ALL.put("minilm", MiniLm::build);
    }

    /** What {@link #named} knows. */
    public static final List<String> NAMES = List.copyOf(ALL.keySet());

    private Networks() {}

    /** @throws IllegalArgumentException naming those there are */
    public static Model named(String name) {
        Supplier<Model> s = ALL.get(name);
        if (s == null)
            throw new IllegalArgumentException("there is no file and no network '" + name + "'; there are the networks " + NAMES);
        return s.get();
    }
}
