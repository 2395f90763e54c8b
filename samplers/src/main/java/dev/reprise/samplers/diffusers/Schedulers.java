package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The schedulers by the names of their classes in diffusers, and by short ones. */
public final class Schedulers {
    private record Entry(String className, BiFunction<SchedulerConfig, Integer, Scheduler> make) {}

    private static final Map<String, Entry> ALL = new TreeMap<>(Map.ofEntries(
            Map.entry("ddim", new Entry("DDIMScheduler", DdimScheduler::new)),
            Map.entry("pndm", new Entry("PNDMScheduler", PndmScheduler::new)),
            Map.entry("euler", new Entry("EulerDiscreteScheduler", EulerScheduler::new)),
            Map.entry("euler-ancestral", new Entry("EulerAncestralDiscreteScheduler", EulerAncestralScheduler::new)),
            Map.entry("heun", new Entry("HeunDiscreteScheduler", HeunScheduler::new)),
            Map.entry("lms", new Entry("LMSDiscreteScheduler", LmsScheduler::new)),
            Map.entry("dpm-multistep", new Entry("DPMSolverMultistepScheduler", DpmSolverMultistepScheduler::new)),
            Map.entry("dpm-singlestep", new Entry("DPMSolverSinglestepScheduler", DpmSolverSinglestepScheduler::new)),
            Map.entry("unipc", new Entry("UniPCMultistepScheduler", UniPcScheduler::new)),
            Map.entry("lcm", new Entry("LCMScheduler", LcmScheduler::new)),
            Map.entry("flow-match-euler", new Entry("FlowMatchEulerDiscreteScheduler", FlowMatchEulerScheduler::new))));

    /** Short names, sorted. */
    public static final List<String> NAMES = List.copyOf(ALL.keySet());

    private Schedulers() {}

    /** The class in diffusers that a short name stands for. */
    public static String className(String name) {
        return ALL.get(name).className;
    }

    /**
     * A scheduler.
     *
     * @param name  a short name or a class's; null for the class that the configuration names
     * @param steps diffusers' {@code num_inference_steps}
     * @throws IllegalArgumentException where the class is not known, or an entry is wrong or asks for what is not supported
     */
    public static Scheduler of(String name, SchedulerConfig config, int steps) {
        String wanted = name == null ? config.className() : name;
        if (wanted == null) throw config.error("_class_name", "is missing; say which scheduler to use, one of " + NAMES);
        for (Map.Entry<String, Entry> e : ALL.entrySet())
            if (e.getKey().equals(wanted.toLowerCase(Locale.ROOT)) || e.getValue().className.equals(wanted))
                return e.getValue().make.apply(config, steps);
        if (name == null) throw config.error("_class_name", "is a scheduler that Reprise does not have; choose another, one of " + NAMES);
        throw new IllegalArgumentException(
                "scheduler '" + name + "' is not known" + Nearest.hint(name, NAMES) + "; use one of " + String.join(", ", NAMES));
    }
}
