package uk.ac.manchester.tornado.api.math;

/** Stands in for TornadoVM's class of the same name: what kernels use of it, as its Java side does it, in double and rounded. */
public final class TornadoMath {
    private TornadoMath() {}

    public static float exp(float x) { return (float) Math.exp(x); }

    public static float log(float x) { return (float) Math.log(x); }

    public static float sqrt(float x) { return (float) Math.sqrt(x); }

    public static float tanh(float x) { return (float) Math.tanh(x); }

    public static float sin(float x) { return (float) Math.sin(x); }

    public static float cos(float x) { return (float) Math.cos(x); }

    public static float pow(float x, float y) { return (float) Math.pow(x, y); }
}
