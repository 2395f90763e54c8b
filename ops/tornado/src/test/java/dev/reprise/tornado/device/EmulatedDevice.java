package dev.reprise.tornado.device;

import dev.reprise.tornado.lower.Kind;
import dev.reprise.tornado.lower.Kind.Tier;
import java.util.function.Predicate;

/** A device of emulated machines. */
final class EmulatedDevice extends TornadoDevice {
    private final Tier tier;
    private final long largest;
    /** What the driver makes of a launch, see {@link EmulatedMachine}, and how many bytes it has left for machines. */
    Predicate<Kind> driver = _ -> true;
    long memory = Long.MAX_VALUE;
    int machines;

    EmulatedDevice(Tier tier) { this(tier, 1 << 28); }

    /** @param largest floats of an array */
    EmulatedDevice(Tier tier, long largest) {
        this.tier = tier;
        this.largest = largest;
    }

    @Override
    public Info info() { return new Info("emulated", "Java", "kernels as Java, " + tier.text(), 0, false); }

    @Override
    Machine machine(int arena, int weights) {
        if (held() + 4L * arena + 4L * weights > memory)
            throw new OutOfMemoryError("no room for " + (4L * arena + 4L * weights) + " bytes");
        machines++;
        return new EmulatedMachine(arena, weights, k -> driver.test(k));
    }

    @Override
    long largest() { return largest; }

    @Override
    int usual() { return 1 << 12; }

    @Override
    Tier tier() { return tier; }
}
