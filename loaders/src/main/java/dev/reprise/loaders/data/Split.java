package dev.reprise.loaders.data;

/** Which part of a published set: models are trained on {@link #TRAIN}. A set that has no parts is all {@link #TRAIN}. */
public enum Split {
    TRAIN, TEST,
    /** The training images, then the test images. */
    ALL;

    /** @throws IllegalArgumentException naming the three */
    public static Split named(String name) {
        return switch (name) {
            case "train" -> TRAIN;
            case "test" -> TEST;
            case "all" -> ALL;
            default -> throw new IllegalArgumentException("split must be train, test or all, found '" + name + "'");
        };
    }

    @Override
    public String toString() { return name().toLowerCase(java.util.Locale.ROOT); }
}
