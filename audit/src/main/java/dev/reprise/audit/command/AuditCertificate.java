package dev.reprise.audit.command;

import dev.reprise.audit.certificate.Certificate;
import dev.reprise.audit.certificate.Certifier;
import dev.reprise.audit.experiment.Audit;
import dev.reprise.audit.report.Results;
import dev.reprise.ops.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;

/** The certificate of an audit: the noise and the samples of every source, the arrays behind the numbers, and the numbers. */
final class AuditCertificate {
    private final Certifier certifier;

    AuditCertificate(CommandSpec spec, boolean exact) { certifier = new Certifier(spec, exact); }

    /** The arrays of {@code samples/ID.npz}; seeds are among the settings. */
    void samples(String id, Map<String, Tensor> arrays) {
        String file = "samples/" + id + ".npz";
        new TreeMap<>(arrays).forEach((name, t) -> {
            if (!name.equals("seeds")) certifier.output(id + "/" + name, file, name, t);
        });
    }

    Certificate of(Audit a) {
        new TreeMap<>(a.data()).forEach((name, t) -> certifier.output("data/" + name, "data.npz", name, t));
        Map<String, String> models = new TreeMap<>();
        for (Results.Source s : a.results().sources())
            models.put(s.id(), s.modelSha256());
        return certifier.text("experiments", Json.write(a.results().experiments())).setting("settings", a.results().settings())
                .setting("models", models).certificate();
    }
}
