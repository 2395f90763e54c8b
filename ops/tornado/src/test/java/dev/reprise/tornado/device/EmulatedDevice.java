package dev.reprise.tornado.device;

import dev.reprise.tornado.lower.Kind.Tier;

/** A device of emulated machines. */
final class EmulatedDevice extends TornadoDevice {
    private final Tier tier;
    private final long largest;
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
        machines++;
        return new EmulatedMachine(arena, weights);
    }

    @Override
    long largest() { return largest; }

    @Override
    int usual() { return 1 << 12; }

    @Override
    Tier tier() { return tier; }
}
