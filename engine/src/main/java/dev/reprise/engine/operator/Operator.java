package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.Datum;

/**
 * The meaning of an ONNX operator (one since-version, or several that agree). Two kinds: most are {@link Static}: the
 * shapes of the outputs follow from the shapes of the inputs (and perhaps from the values of some, such as Reshape's
 * second). The rest is {@link Dynamic}: control flow, sequences, optionals, and operators like NonZero whose output
 * shape is part of their result.
 */
public sealed interface Operator {
    @FunctionalInterface
    non-sealed interface Static extends Operator {
        /**
         * Checks the attributes and input types, and makes the kernel for these shapes.
         *
         * <p>Called when a plan is made (inputs that are weights or folded constants have values), or, where it asked
         * for a value that was not known, again at each run with every value known.
         *
         * @throws OperatorException what is wrong or unsupported, see {@link BindContext#error}
         */
        Binding bind(BindContext c);
    }

    @FunctionalInterface
    non-sealed interface Dynamic extends Operator {
        /** Computes the outputs; those that are tensors come from {@link EvalContext#allocate}, or are inputs passed on. */
        Datum[] evaluate(EvalContext c);
    }
}
