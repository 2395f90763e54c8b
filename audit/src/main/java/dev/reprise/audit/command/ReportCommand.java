package dev.reprise.audit.command;

import dev.reprise.audit.report.Results;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "report", description = {"Makes report.html of an audit again, from report.json, data.npz and pictures.npz beside it.",
    "Nothing is computed; the page is the same bytes that 'audit' wrote, or what a newer version makes of them."})
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Folder that 'audit --out' wrote.")
    private Path folder;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        ReportFolder f = new ReportFolder(folder);
        Results r = f.rebuild();
        json.print(spec, r, out -> AuditText.print(r, f.html(), out));
        return 0;
    }
}
