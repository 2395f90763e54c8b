package dev.reprise.audit.experiment;

import dev.reprise.audit.certificate.InputFiles;
import dev.reprise.audit.pipeline.Pipeline;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec.Kind;
import dev.reprise.audit.spec.AuditSpec.Mode;
import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.Generator;
import dev.reprise.engine.SessionOptions;
import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.device.Device;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Opens models when they are needed, one at a time, and remembers what is known of each. */
final class Models implements AutoCloseable {
    static final int BATCH = 32;

    /** Of mode gpu; every other mode runs on the CPU, whose bits the cache keeps. */
    private final SessionOptions device;
    private final SessionOptions options;
    private final Map<List<Object>, Facts> facts = new HashMap<>();
    private List<Object> open;
    private AutoCloseable current;

    Models(SessionOptions device) {
        this.device = device;
        options = device.plan(device.plan().device(CpuDevice.INSTANCE).strict(false));
    }

    /** What mode gpu runs on. */
    Device.Info device() { return device.plan().device().info(); }

    private static List<Object> identity(Column c) {
        return List.of(c.kind() == Kind.IDEAL ? Kind.NETWORK : c.kind(), String.valueOf(c.model().file()), c.model().reference(),
                c.overrides(), c.mode());
    }

    Facts facts(Column c) {
        Facts f = facts.get(identity(c));
        if (f == null) facts.put(identity(c), f = switch (c.kind()) {
            case GENERATOR -> of(generator(c));
            case PIPELINE -> of(pipeline(c), c.model().file());
            case NETWORK, IDEAL -> of(diffusion(c));
        });
        return f;
    }

    private static Facts of(Generator g) {
        return new Facts(null, g.architecture(), g.training(), g.sha256(), g.parameters(), g.latent(), g.meaning());
    }

    private static Facts of(Pipeline p, Path folder) {
        return new Facts(null, "text-to-image pipeline", null, InputFiles.sha256(folder), 0, p.latent(null, null), "pipeline");
    }

    private static Facts of(DiffusionModel m) {
        return new Facts(m.sidecar(), m.sidecar().architecture(), m.sidecar().training(), m.sha256(), m.parameters(),
                m.sidecar().spec().sampleShape(), m.sidecar().meaning());
    }

    DiffusionModel diffusion(Column c) {
        if (!identity(c).equals(open)) {
            close();
            current = DiffusionModel.open(c.model(), c.overrides(), c.mode(), c.mode() == Mode.GPU ? device : options, BATCH);
            open = identity(c);
        }
        return (DiffusionModel) current;
    }

    Generator generator(Column c) {
        if (!identity(c).equals(open)) {
            close();
            current = Generator.open(c.model(), options);
            open = identity(c);
        }
        return (Generator) current;
    }

    Pipeline pipeline(Column c) {
        if (!identity(c).equals(open)) {
            close();
            current = Pipeline.open(c.model().file(), options);
            open = identity(c);
        }
        return (Pipeline) current;
    }

    @Override
    public void close() {
        open = null;
        switch (current) {
            case DiffusionModel m -> m.close();
            case Generator g -> g.close();
            case Pipeline p -> p.close();
            case null, default -> {
            }
        }
        current = null;
    }
}
