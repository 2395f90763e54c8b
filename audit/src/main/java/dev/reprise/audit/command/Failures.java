package dev.reprise.audit.command;

import dev.reprise.audit.cache.CacheException;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.loaders.LoadException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever ends a command into one clear line on stderr and an exit code; {@code --debug} adds the stack trace. */
public final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private record Verdict(int code, String message) {}

    private final BooleanSupplier debug;

    public Failures(BooleanSupplier debug) { this.debug = debug; }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) { return report(e, line); }

    /** Prints the line and answers the exit code. */
    public int report(Throwable e, CommandLine line) {
        Verdict v = judge(e);
        line.getErr().println(line.getCommandSpec().qualifiedName(" ") + ": " + v.message);
        trace(e, line.getErr());
        return v.code;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName(" ");
        line.getErr().println(name + ": " + e.getMessage().replaceAll("\\s*\\R\\s*", " "));
        UnmatchedArgumentException.printSuggestions(e, line.getErr());
        line.getErr().println("Try '" + name + " --help'.");
        trace(e, line.getErr());
        return Failure.BAD_INPUT;
    }

    private void trace(Throwable e, PrintWriter err) {
        if (debug.getAsBoolean()) e.printStackTrace(err);
        err.flush();
    }

    private static Verdict judge(Throwable e) {
        return switch (e) {
            case Failure f -> new Verdict(f.code(), f.getMessage());
            case LoadException l when l.getCause() instanceof NoSuchFileException n -> judge(n);
            case LoadException l when l.getCause() instanceof FileSystemException f && !(f instanceof FileAlreadyExistsException) ->
                new Verdict(
                        Failure.ENVIRONMENT, l.getMessage());
            case LoadException l when String.valueOf(l.getMessage()).contains("cannot be written") ->
                new Verdict(Failure.ENVIRONMENT, l.getMessage());
            case CacheException c -> new Verdict(Failure.ENVIRONMENT, c.getMessage());
            case CancellationException c -> new Verdict(Failure.ENVIRONMENT, c.getMessage());
            case LoadException l -> new Verdict(Failure.BAD_INPUT, l.getMessage());
            case OperatorException o -> new Verdict(Failure.BAD_INPUT, o.getMessage());
            case UncheckedIOException u -> judge(u.getCause());
            case NoSuchFileException f -> new Verdict(Failure.BAD_INPUT, f.getFile() + ": there is no such file");
            case FileAlreadyExistsException f -> new Verdict(Failure.BAD_INPUT, f.getFile() + ": already exists");
            case FileSystemException f -> new Verdict(Failure.ENVIRONMENT,
                    f.getFile() + ": " + (f.getReason() == null ? f.getClass().getSimpleName() : f.getReason()));
            case IOException io -> new Verdict(Failure.ENVIRONMENT, message(io));
            case IllegalArgumentException i -> new Verdict(Failure.BAD_INPUT, message(i));
            case StackOverflowError _ -> new Verdict(Failure.BAD_INPUT, "nested too deeply");
            // Tensors lie outside of the Java heap, which no option enlarges.
            case OutOfMemoryError o when String.valueOf(o.getMessage()).startsWith("Unable to allocate") ->
                new Verdict(Failure.ENVIRONMENT,
                        "there is not enough memory (" + o.getMessage() + "); smaller batches and shapes need less");
            case OutOfMemoryError _ -> new Verdict(Failure.ENVIRONMENT,
                    "out of memory (" + message(e) + "); REPRISE_OPTS=-Xmx… gives the Java heap more, a smaller batch needs less");
            case InterruptedException _ -> new Verdict(Failure.ENVIRONMENT, "interrupted");
            default -> {
                Throwable cause = e.getCause();
                yield cause instanceof OutOfMemoryError || cause instanceof LoadException || cause instanceof OperatorException
                        ? judge(cause)
                        : new Verdict(Failure.DEFECT, "a defect of Reprise: " + e + " (please report it with the output of --debug)");
            }
        };
    }

    private static String message(Throwable e) { return e.getMessage() == null ? e.toString() : e.getMessage(); }
}
