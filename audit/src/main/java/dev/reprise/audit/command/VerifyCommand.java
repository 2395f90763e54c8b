package dev.reprise.audit.command;

import dev.reprise.audit.Main;
import dev.reprise.audit.Version;
import dev.reprise.audit.certificate.Arguments;
import dev.reprise.audit.certificate.Certificate;
import dev.reprise.audit.certificate.Certificate.Input;
import dev.reprise.audit.certificate.Difference;
import dev.reprise.audit.certificate.InputFiles;
import dev.reprise.audit.certificate.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "verify", description = {"Makes the result of a certificate again and compares every bit.",
    "`sample` and `audit` write certificates. Exit code 0: bit-equal; 1: not, and where it first differs; 2: what it was made of is not at hand."})
public final class VerifyCommand implements Callable<Integer> {
    private static final List<String> COMMANDS = List.of("sample", "audit");

    private record Result(String certificate, boolean equal, String command, List<String> arguments, String certified, String verified,
            int tensors, List<Difference> differences) {}

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CERTIFICATE.json", description = "What `sample` or `audit` wrote.")
    private Path file;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: one for each processor). The result does not depend on it.")
    private Integer threads;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        Certificate c = CertificateFiles.read(file);
        if (!COMMANDS.contains(c.command()))
            throw Failure
                    .badInput(file + ": cannot verify what `" + c.command() + "` made; only that of " + String.join(" and ", COMMANDS));
        Path folder = file.toAbsolutePath().getParent(), again = Files.createTempDirectory("reprise-verify");
        try {
            Path certificate = again.resolve("certificate.json");
            int code = run(arguments(c, folder, again, certificate));
            if (code != 0) return code;
            Certificate found = CertificateFiles.read(certificate);
            same(c, found);
            List<Difference> differences = new Verification(c, folder, found, again).differences();
            Result r = new Result(file.toString(), differences.isEmpty(), c.command(), c.arguments(), c.engine().reprise(),
                    Version.number(), c.outputs().size(), differences);
            json.print(spec, r, out -> print(r, c, out));
            return r.equal ? 0 : Failure.NOT_EQUAL;
        } finally {
            delete(again);
        }
    }

    private List<String> arguments(Certificate c, Path folder, Path again, Path certificate) {
        List<String> all = new ArrayList<>();
        all.add(c.command());
        for (String a : c.arguments()) {
            String moved = a;
            for (Input i : c.inputs())
                if (i.argument() != null && i.file() != null) moved = Arguments.moved(moved, i.argument(), find(i, folder).toString());
            all.add(moved);
        }
        all.add("--out=" + (c.command().equals("sample") ? again.resolve("again.npz") : again));
        all.add("--certificate=" + certificate);
        if (c.output(Verification.TRAJECTORY) != null) all.add("--save-trajectory=" + again.resolve("trajectory.npz"));
        // From nothing: what an earlier run left in a cache is what is to be verified.
        if (c.command().equals("audit")) all.add("--cache=" + again.resolve("cache"));
        if (threads != null) all.add("--threads=" + threads);
        return all;
    }

    /** Where a file of the certificate is now: at its path, seen from here or from the certificate, or beside the certificate. */
    private Path find(Input i, Path folder) {
        Path given = Path.of(i.file()), other = null;
        for (Path p : List.of(given, folder.resolve(given), folder.resolve(given.getFileName()))) {
            if (!Files.exists(p)) continue;
            if (InputFiles.sha256(p).equals(i.sha256())) return p;
            if (other == null) other = p;
        }
        if (other != null)
            throw Failure.badInput(other + " is not the file of the certificate: SHA-256 " + InputFiles.sha256(other) + ", expected "
                    + i.sha256());
        throw Failure
                .badInput(given + ": there is no such file, here or beside " + file + "; it is needed to make the result again (SHA-256 "
                        + i.sha256() + ")");
    }

    private int run(List<String> arguments) {
        CommandLine line = Main.commandLine().setOut(new PrintWriter(Writer.nullWriter())).setErr(spec.commandLine().getErr());
        return line.execute(arguments.toArray(String[]::new));
    }

    /** The same files and settings, or the comparison would say nothing. */
    private void same(Certificate c, Certificate found) {
        List<Input> x = c.inputs(), y = found.inputs();
        for (int i = 0; i < Math.max(x.size(), y.size()); i++) {
            String expected = i < x.size() ? x.get(i).sha256() : null, now = i < y.size() ? y.get(i).sha256() : null;
            if (Objects.equals(expected, now)) continue;
            Input of = i < x.size() ? x.get(i) : y.get(i);
            throw Failure.badInput((of.file() == null ? of.argument() : of.file()) + " is not the one of the certificate: SHA-256 " + now
                    + ", expected " + expected);
        }
        String expected = Json.write(c.settings()), now = Json.write(found.settings());
        if (!expected.equals(now))
            throw Failure.badInput(
                    file + ": this Reprise (" + Version.number() + ") understands the arguments otherwise than that of the certificate ("
                            + c.engine().reprise() + "): settings " + now.replaceAll("\\s+", " ") + ", expected "
                            + expected.replaceAll("\\s+", " "));
    }

    private static void print(Result r, Certificate c, PrintWriter out) {
        out.printf("command      reprise %s %s%n", r.command, String.join(" ", r.arguments));
        if (!r.certified.equals(r.verified)) out.printf("versions     certified by %s, verified by %s%n", r.certified, r.verified);
        for (Certificate.Output o : c.outputs()) {
            Difference d = r.differences.stream().filter(x -> x.output().equals(o.name())).findFirst().orElse(null);
            String shape = o.dtype().equals("text") ? "" : " " + o.dtype() + o.shape();
            if (d == null) out.printf("bit-equal    %s%s  sha256 %s%n", o.name(), shape, o.sha256());
            else print(d, out);
        }
        r.differences.stream().filter(d -> c.output(d.output()) == null).forEach(d -> print(d, out));
        out.println(r.equal ? "equal        every bit" : "equal        no");
    }

    private static void print(Difference d, PrintWriter out) {
        out.printf("differs      %s%s in %s: sha256 %s, expected %s%n", d.output(),
                d.sample() == null ? "" : ", first in sample " + d.sample(),
                d.where(), d.found(), d.expected());
        if (d.element() != null)
            out.printf("             first element %s: %s (0x%s), expected %s (0x%s)%n", d.element().index(), d.element().found(),
                    d.element().foundBits(), d.element().expected(), d.element().expectedBits());
        if (d.step() != null) out.printf("             first at step %d%n", d.step());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(p);
        }
    }
}
