package dev.reprise.engine.operator;

import static dev.reprise.engine.operator.Cases.check;
import static dev.reprise.engine.operator.Cases.floats;
import static dev.reprise.engine.operator.Cases.longs;
import static dev.reprise.engine.operator.Cases.refuses;
import static dev.reprise.engine.operator.Cases.shape;
import static dev.reprise.engine.operator.Cases.values;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** What the official cases leave out of the elementwise operators: old forms, rare types, bounds, refusals. */
class ElementwiseOperatorsTest {
    private static final Arena ARENA = Arena.ofAuto();

    private static Tensor of(DType t, double... v) {
        Tensor x = Tensor.allocate(ARENA, t, Shape.of(v.length));
        for (int i = 0; i < v.length; i++)
            x.setDouble(i, v[i]);
        return x;
    }

    @Test
    void broadcastingBeforeSet7() {
        Tensor a = floats(shape(2, 3, 2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), b = floats(shape(3), 10, 20, 30);
        check("Add", 6, Attributes.of("broadcast", 1, "axis", 1), shape(2, 3, 2), values(10, 11, 22, 23, 34, 35, 16, 17, 28, 29, 40, 41), a,
                b);
        check("Mul", 6, Attributes.of("broadcast", 1), shape(2, 2), values(1, 4, 3, 8), floats(shape(2, 2), 1, 2, 3, 4),
                floats(shape(2), 1, 2));
        refuses("'broadcast' is not set", "Add", 6, Attributes.NONE, a, b);
    }

    @Test
    void integersOfEveryKind() {
        check("Div", 14, Attributes.NONE, shape(3), values(-3, 3, 2), longs(-7, 7, 5), longs(2, 2, 2));
        check("Mod", 13, Attributes.NONE, shape(3), values(1, 1, -1), longs(-7, 7, 5), longs(2, 2, -2));
        check("Mod", 13, Attributes.of("fmod", 1), shape(3), values(-1, 1, 1), longs(-7, 7, 5), longs(2, 2, -2));
        check("Pow", 15, Attributes.NONE, shape(3), values(8, -27, 0), longs(2, -3, 5), longs(3, 3, -1));
        check("Max", 13, Attributes.NONE, shape(2), values(255, 3), of(DType.UINT8, 255, 3), of(DType.UINT8, 1, 2));
        Tensor big = longs(-1, 5), small = longs(7, 7);
        check("Less", 13, Attributes.NONE, shape(2), values(0, 1), new Tensor(DType.UINT64, big.shape(), big.data()),
                new Tensor(DType.UINT64, small.shape(), small.data()));
        refuses("division by zero", "Div", 14, Attributes.NONE, longs(1), longs(0));
        refuses("input 1 is", "Add", 14, Attributes.NONE, longs(1), floats(shape(1), 1));
    }

    @Test
    void casts() {
        check("Cast", 13, Attributes.of("to", DType.INT8.code()), shape(4), values(1, -1, 44, 0),
                of(DType.FLOAT32, 1.9, -1.9, 300, Double.NaN));
        check("Cast", 13, Attributes.of("to", DType.BOOL.code()), shape(3), values(1, 0, 1), of(DType.FLOAT32, 0.5, 0, Double.NaN));
        check("Cast", 13, Attributes.of("to", DType.FLOAT32.code()), shape(1), values(9007200328482816.0), longs(9007199791611905L));
        check("Cast", 13, Attributes.of("to", DType.FLOAT16.code()), shape(2), values(65504, Double.POSITIVE_INFINITY),
                of(DType.FLOAT64, 65519, 65520));
        check("Cast", 1, Attributes.of("to", "DOUBLE"), shape(1), values(3), longs(3));
        refuses("is not supported", "Cast", 13, Attributes.of("to", 8), longs(1));
    }

    @Test
    void clipBoundsMayBeMissing() {
        Tensor x = of(DType.FLOAT32, -2, 0.5, 3);
        check("Clip", 13, Attributes.NONE, shape(3), values(-2, 0.5, 3), x);
        check("Clip", 13, Attributes.NONE, shape(3), values(-2, 0.5, 1), x, null, floats(Shape.SCALAR, 1));
        check("Clip", 6, Attributes.of("min", -1f), shape(3), values(-1, 0.5, 3), x);
        check("Clip", 12, Attributes.NONE, shape(3), values(0, 2, 4), of(DType.UINT8, 0, 2, 9), null, of(DType.UINT8, 4));
    }

    @Test
    void halvesAreRoundedOnce() {
        check("Add", 14, Attributes.NONE, shape(1), values(2050), of(DType.FLOAT16, 2048), of(DType.FLOAT16, 1.5));
        check("Mul", 14, Attributes.NONE, shape(1), values(2.25), of(DType.BFLOAT16, 1.5), of(DType.BFLOAT16, 1.5));
        check("Relu", 14, Attributes.NONE, shape(2), values(0, 1.5), of(DType.FLOAT16, -3, 1.5));
    }

    @Test
    void dropoutOfTrainingIsRefused() {
        Tensor x = floats(shape(2), 1, 2), yes = of(DType.BOOL, 1).reshape(Shape.SCALAR);
        check("Dropout", 13, Attributes.NONE, shape(2), values(1, 2), x, floats(Shape.SCALAR, 0.5f));
        check("Dropout", 13, Attributes.NONE, shape(2), values(1, 2), x, floats(Shape.SCALAR, 0), yes);
        refuses("training_mode is not supported", "Dropout", 13, Attributes.NONE, x, floats(Shape.SCALAR, 0.5f), yes);
    }

    @Test
    void shiftsBeyondTheWidthLeaveNothing() {
        check("BitShift", 11, Attributes.of("direction", "LEFT"), shape(3), values(0, 254, 0), of(DType.UINT8, 1, 127, 3),
                of(DType.UINT8, 8, 1, 200));
        check("BitShift", 11, Attributes.of("direction", "RIGHT"), shape(2), values(0, 63), of(DType.UINT8, 1, 127), of(DType.UINT8, 8, 1));
    }

    @Test
    void groupNormalizationOfSet18HasItsScaleAGroup() {
        Tensor x = floats(shape(1, 4, 1), -1, 1, -2, 2);
        check("GroupNormalization", 18, Attributes.of("num_groups", 2, "epsilon", 0f), shape(1, 4, 1), values(-1, 3, 5, 15), x,
                floats(shape(2), 2, 5),
                floats(shape(2), 1, 10));
        check("GroupNormalization", 21, Attributes.of("num_groups", 2, "epsilon", 0f), shape(1, 4, 1), values(-1, 2, -3, 4), x,
                floats(shape(4), 1, 2, 3, 4),
                floats(shape(4), 0, 0, 0, 0));
    }
}
