package dev.reprise.audit.command;

import dev.reprise.audit.certificate.Certifier;
import dev.reprise.ops.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** {@code --certificate}: where the certificate of a result goes. */
final class CertificateOption {
    @Option(names = "--certificate", paramLabel = "FILE.json", description = "Where the certificate goes, from which `reprise verify` makes the "
            + "result again and compares every bit (default: beside the result).")
    private Path file;

    /** Refuses a place where none can go. */
    void check() { OutFile.check("--certificate", file, ".json"); }

    /** Beside {@code out}: x.npz has x.certificate.json. */
    Path beside(Path out) {
        return file != null ? file : out.resolveSibling(out.getFileName().toString().replaceFirst("\\.npz$", "") + ".certificate.json");
    }

    /** In a folder of results. */
    Path in(Path folder) { return file != null ? file : folder.resolve("certificate.json"); }

    /** Writes the certificate of an .npz file with these arrays and answers where it is. */
    Path write(Certifier c, Path out, Map<String, Tensor> arrays) {
        Path to = beside(out);
        new TreeMap<>(arrays).forEach((name, t) -> c.output(name, relative(to, out), name, t));
        CertificateFiles.write(to, c.certificate());
        return to;
    }

    /** The path of a file as a certificate names it; null where it does not lie below the certificate's folder. */
    static String relative(Path certificate, Path file) {
        Path folder = certificate.toAbsolutePath().normalize().getParent(), to = file.toAbsolutePath().normalize();
        return to.startsWith(folder) ? folder.relativize(to).toString().replace('\\', '/') : null;
    }
}
