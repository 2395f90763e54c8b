package dev.reprise.audit;

import dev.reprise.audit.command.AuditCommand;
import dev.reprise.audit.command.CompareCommand;
import dev.reprise.audit.command.ConformanceCommand;
import dev.reprise.audit.command.DevicesCommand;
import dev.reprise.audit.command.DiffCommand;
import dev.reprise.audit.command.Failures;
import dev.reprise.audit.command.InspectCommand;
import dev.reprise.audit.command.InvertCommand;
import dev.reprise.audit.command.NoiseCommand;
import dev.reprise.audit.command.ReportCommand;
import dev.reprise.audit.command.RunCommand;
import dev.reprise.audit.command.SampleCommand;
import dev.reprise.audit.command.SamplersCommand;
import dev.reprise.audit.command.ScoreCommand;
import dev.reprise.audit.command.VerifyCommand;
import dev.reprise.audit.command.VersionCommand;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line. Results go to stdout, progress and warnings to stderr. */
@Command(name = "reprise", synopsisSubcommandLabel = "COMMAND", versionProvider = Version.class, //
        description = "Runs diffusion models deterministically and scores how reproducible they are.", //
        subcommands = {InspectCommand.class, RunCommand.class, CompareCommand.class, ConformanceCommand.class, NoiseCommand.class,
            SampleCommand.class, SamplersCommand.class, InvertCommand.class,
            ScoreCommand.class, AuditCommand.class, ReportCommand.class, DiffCommand.class, VerifyCommand.class, DevicesCommand.class,
            VersionCommand.class}, //
        footer = {"", "Also: ./reprise test runs every test.", "Exit codes: 0 success; 1 a comparison or verification failed; "
                + "2 bad input or unsupported; 3 the environment; 70 a defect of Reprise."})
public final class Main {
    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Show this help and exit.")
    private boolean help;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean debug;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version and exit.")
    private boolean version;

    Main() {}

    public boolean debug() { return debug; }

    /** The commands, ready to execute; tests give writers of their own. */
    public static CommandLine commandLine() {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        Failures failures = new Failures(main::debug);
        return line.setUsageHelpAutoWidth(true).setExpandAtFiles(false).setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    private static Failures failures(CommandLine line) { return (Failures) line.getExecutionExceptionHandler(); }

    public static void main(String[] args) {
        CommandLine line = commandLine();
        line.setOut(new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true));
        line.setErr(new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true));
        int code;
        try {
            code = line.execute(args);
        } catch (OutOfMemoryError | StackOverflowError e) {
            code = failures(line).report(e, line);
        }
        line.getOut().flush();
        System.exit(code);
    }
}
