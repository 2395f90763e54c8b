package dev.reprise.engine.operator;

/** Thrown by {@link BindContext#constant} where the value is not known yet: the node is then bound at run time. */
public final class ValueNeeded extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int input;

    ValueNeeded(int input) {
        super("the value of input " + input + " is needed", null, false, false);
        this.input = input;
    }

    public int input() { return input; }
}
