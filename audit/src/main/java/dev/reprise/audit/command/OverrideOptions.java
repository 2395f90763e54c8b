package dev.reprise.audit.command;

import dev.reprise.audit.spec.Overrides;
import picocli.CommandLine.Option;

/** What the user says of a diffusion model over its metadata, or instead of it. */
final class OverrideOptions {
    @Option(names = "--parameterization", paramLabel = "KIND", description = "What the model predicts: epsilon, x0, v or edm.")
    private String parameterization;

    @Option(names = "--schedule", paramLabel = "KIND[:NAME=VALUE,…]", description = "What it was trained with: vp, vp-discrete, sub-vp, ve or edm.")
    private String schedule;

    @Option(names = "--time", paramLabel = "KIND", description = "What its time input wants: index, continuous, cnoise or sigma.")
    private String time;

    Overrides overrides() { return new Overrides(parameterization, schedule, time); }

    boolean given() { return parameterization != null || schedule != null || time != null; }
}
