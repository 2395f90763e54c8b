package dev.reprise.audit.command;

import dev.reprise.audit.spec.Overrides;
import picocli.CommandLine.Option;

/** What the user says of a diffusion model over its metadata, or instead of it. */
final class OverrideOptions {
    @Option(names = "--parameterization", paramLabel = "KIND", description = "What the model predicts: epsilon, x0, v, score, edm, ve, flow or consistency.")
    private String parameterization;

    @Option(names = "--schedule", paramLabel = "KIND[:NAME=VALUE,…]", description = "What it was trained with: vp, vp-cosine, vp-discrete, iddpm, sub-vp, ve, edm or flow.")
    private String schedule;

    @Option(names = "--time", paramLabel = "KIND", description = "What its time input wants: index, continuous, cnoise, cnoise-1000, log-half-sigma, t-1000 or sigma.")
    private String time;

    Overrides overrides() { return new Overrides(parameterization, schedule, time); }

    boolean given() { return parameterization != null || schedule != null || time != null; }
}
