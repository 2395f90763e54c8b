package dev.reprise.audit.certificate;

import dev.reprise.audit.certificate.Certificate.Engine;
import dev.reprise.audit.certificate.Certificate.Input;
import dev.reprise.audit.certificate.Certificate.Output;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.ops.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Gathers what a command did into a {@link Certificate} and writes it. */
public final class Certifier {
    private final String command;
    private final Engine engine;
    private final Arguments.Found arguments;
    private final List<Input> inputs = new ArrayList<>();
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final List<Output> outputs = new ArrayList<>();

    /** @param spec of the command that runs: its arguments are taken from there */
    public Certifier(CommandSpec spec, boolean exact) {
        command = spec.name();
        engine = Engine.of(exact);
        arguments = Arguments.of(spec.commandLine().getParseResult());
        for (String p : arguments.paths())
            inputs.add(new Input(p, p, InputFiles.sha256(Path.of(p))));
    }

    /**
     * A model that was used.
     *
     * @param argument as it stands among the arguments; null where it does not
     * @param sha256   of the model: of an embedded one there is no file to take it from
     */
    public Certifier model(String argument, ModelFile model, String sha256) {
        if (model.file() == null) {
            inputs.add(new Input(argument, null, sha256));
            return this;
        }
        inputs.add(new Input(argument, model.file().toString(), InputFiles.sha256(model.file())));
        Path beside = model.file().resolveSibling(model.name() + ".json");
        if (!model.description() && Files.isRegularFile(beside)) inputs.add(new Input(null, beside.toString(), InputFiles.sha256(beside)));
        return this;
    }

    /** The networks of a model; those that are not already known go in as files found beside it. */
    public Certifier stages(List<ModelFile> networks) {
        for (ModelFile n : networks)
            if (n.file() != null && inputs.stream().noneMatch(i -> n.file().toString().equals(i.file())))
                inputs.add(new Input(null, n.file().toString(), InputFiles.sha256(n.file())));
        return this;
    }

    /** A setting in words; null is left out. */
    public Certifier setting(String name, Object value) {
        if (value != null) settings.put(name, value);
        return this;
    }

    /**
     * A tensor that came out.
     *
     * @param file  beside the certificate that holds it, or null
     * @param array its name there
     */
    public Certifier output(String name, String file, String array, Tensor t) {
        outputs.add(Output.of(name, file, array, t));
        return this;
    }

    /** Text that came out, such as scores, of which only the hash is kept. */
    public Certifier text(String name, String text) {
        String sha256 = InputFiles.sha256(text.getBytes(StandardCharsets.UTF_8));
        outputs.add(new Output(name, null, null, "text", List.of(), sha256, List.of()));
        return this;
    }

    public Certificate certificate() {
        return new Certificate(Certificate.FORMAT, command, arguments.values(), List.copyOf(inputs), engine, settings,
                List.copyOf(outputs));
    }
}
