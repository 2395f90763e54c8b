package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.solver.Progress;

/**
 * A scheduler of diffusers, its number of steps included: the whole loop of a pipeline from noise to latent. Tables and state are
 * float64 (diffusers keeps its tables, and often the state, in float32: its results differ from these by that rounding). No
 * operation mixes two rows, so a sample's bits never depend on its batch. Immutable.
 */
public sealed interface Scheduler permits DdimScheduler, PndmScheduler, EulerScheduler, EulerAncestralScheduler, HeunScheduler,
        LmsScheduler, DpmSolverMultistepScheduler, DpmSolverSinglestepScheduler, UniPcScheduler, LcmScheduler, FlowMatchEulerScheduler {

    /** The network, guidance included. */
    @FunctionalInterface
    interface Prediction {
        /**
         * @param x   a batch as the network wants to see it (diffusers' {@code scale_model_input} has been applied), one row a sample;
         *            not to be changed
         * @param t   the time of {@link #timesteps()}
         * @param out what the network says of each row, of the kind that the configuration's {@code prediction_type} names
         */
        void predict(double[][] x, double t, double[][] out);
    }

    /** Standard normal numbers for the schedulers that add noise on the way. */
    @FunctionalInterface
    interface StepNoise {
        /** Fills each row from its own stream. */
        void next(double[][] out);

        /** For schedulers that add none. */
        StepNoise NONE = out -> {
            throw new IllegalStateException("this scheduler adds noise in its steps; give it a source of noise");
        };
    }

    /** The times at which the network is called, in order. */
    double[] timesteps();

    /** The standard deviation of the initial state. */
    double initNoiseSigma();

    /** Whether {@link #solve} draws step noise. */
    default boolean stochastic() { return false; }

    /**
     * Samples.
     *
     * @param network  is called once for each of {@link #timesteps()}
     * @param x        in: standard normal noise times {@link #initNoiseSigma()}, one row a sample; out: the samples (latents)
     * @param noise    of the steps
     * @param progress is told after every call of the network
     */
    void solve(Prediction network, double[][] x, StepNoise noise, Progress progress);
}
