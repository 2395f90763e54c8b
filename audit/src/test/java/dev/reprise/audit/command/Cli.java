package dev.reprise.audit.command;

import dev.reprise.audit.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** A command that has run, within this JVM. */
record Cli(int code, String out, String err) {
    static Cli run(Object... args) {
        StringWriter out = new StringWriter(), err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] texts = new String[args.length];
        for (int i = 0; i < texts.length; i++)
            texts[i] = args[i].toString();
        return new Cli(line.execute(texts), out.toString(), err.toString());
    }
}
