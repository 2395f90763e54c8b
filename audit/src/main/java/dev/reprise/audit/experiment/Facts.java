package dev.reprise.audit.experiment;

import dev.reprise.audit.spec.Sidecar;
import dev.reprise.ops.tensor.Shape;

/**
 * What has to be known of a model before it runs.
 *
 * @param sidecar    null for what is no diffusion model
 * @param architecture in words
 * @param training   null where it is not known
 * @param sha256     of its file
 * @param parameters of the network
 * @param input      shape of one noise
 * @param meaning    of its numbers, for keys
 */
record Facts(Sidecar sidecar, String architecture, Sidecar.Training training, String sha256, long parameters, Shape input,
        String meaning) {}
