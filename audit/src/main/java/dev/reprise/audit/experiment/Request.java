package dev.reprise.audit.experiment;

import dev.reprise.audit.spec.AuditSpec;

/** The images that a model makes of some noises. */
public record Request(AuditSpec.Column column, Noises noises) {}
