package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.CellActivation;
import dev.reprise.ops.kernel.Recurrent;
import dev.reprise.ops.kernel.RecurrentCell;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** RNN, GRU and LSTM (since 1; 7; 14 layout; 22). float32, and the half types through it. */
final class Recurrents {
    private static final String[] RNN = {"activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size"};
    private static final String[] GRU = with(RNN, "linear_before_reset"), LSTM = with(RNN, "input_forget");

    private Recurrents() {}

    static void register(Registry r) {
        r.add("GRU", 1, Halves.of(c -> bind(c, 3, "Sigmoid", "Tanh")), with(GRU, "output_sequence"));
        r.add("GRU", 7, Halves.of(c -> bind(c, 3, "Sigmoid", "Tanh")), GRU);
        r.add("GRU", 14, Halves.of(c -> bind(c, 3, "Sigmoid", "Tanh")), with(GRU, "layout"));
        r.add("LSTM", 1, Halves.of(c -> bind(c, 4, "Sigmoid", "Tanh", "Tanh")), with(LSTM, "output_sequence"));
        r.add("LSTM", 7, Halves.of(c -> bind(c, 4, "Sigmoid", "Tanh", "Tanh")), LSTM);
        r.add("LSTM", 14, Halves.of(c -> bind(c, 4, "Sigmoid", "Tanh", "Tanh")), with(LSTM, "layout"));
        r.add("RNN", 1, Halves.of(c -> bind(c, 1, "Tanh")), with(RNN, "output_sequence"));
        r.add("RNN", 7, Halves.of(c -> bind(c, 1, "Tanh")), RNN);
        r.add("RNN", 14, Halves.of(c -> bind(c, 1, "Tanh")), with(RNN, "layout"));
    }

    private static String[] with(String[] names, String more) {
        String[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = more;
        return all;
    }

    private static Binding bind(BindContext c, int gates, String... defaults) {
        Attributes a = c.attributes();
        String direction = a.string("direction", "forward");
        int directions = direction.equals("bidirectional") ? 2 : 1;
        c.require(directions == 2 || direction.equals("forward") || direction.equals("reverse"),
                "attribute 'direction' is '" + direction + "', expected forward, reverse or bidirectional");
        if (c.dtype(0) != DType.FLOAT32) throw c.unsupported("element type " + c.dtype(0));
        long layout = a.integer("layout", 0);
        c.require(layout == 0 || layout == 1, "attribute 'layout' is " + layout + ", expected 0 or 1");
        boolean batchFirst = layout == 1;
        c.require(c.rank(0) == 3 && c.rank(1) == 3 && c.rank(2) == 3, "X, W and R must have 3 dimensions");
        int steps = c.shape(0).dimInt(batchFirst ? 1 : 0), batch = c.shape(0).dimInt(batchFirst ? 0 : 1), input = c.shape(0).dimInt(2);
        int hidden = c.shape(2).dimInt(2);
        c.require(a.integer("hidden_size", hidden) == hidden,
                "attribute 'hidden_size' is " + a.integer("hidden_size", hidden) + ", R is " + c.shape(2));
        expect(c, 1, Shape.of(directions, gates * (long) hidden, input));
        expect(c, 2, Shape.of(directions, gates * (long) hidden, hidden));
        expect(c, 3, Shape.of(directions, 2L * gates * hidden));
        expect(c, 4, Shape.of(batch));
        Shape state = batchFirst ? Shape.of(batch, directions, hidden) : Shape.of(directions, batch, hidden);
        expect(c, 5, state);
        expect(c, 6, state);
        expect(c, 7, Shape.of(directions, 3L * hidden));
        Shape y = batchFirst ? Shape.of(batch, steps, directions, hidden) : Shape.of(steps, directions, batch, hidden);
        List<Binding.Output> outputs = new ArrayList<>(
                List.of(new Binding.Output(DType.FLOAT32, y), new Binding.Output(DType.FLOAT32, state)));
        if (gates == 4) outputs.add(new Binding.Output(DType.FLOAT32, state));
        float clip = a.has("clip") ? a.real("clip") : Float.POSITIVE_INFINITY;
        c.require(clip >= 0, "attribute 'clip' is " + clip + ", expected a positive bound");
        return Binding.of(List.copyOf(outputs),
                new Recurrent(cells(c, gates, directions, defaults), steps, batch, input, hidden, direction.equals("reverse"), batchFirst,
                        clip));
    }

    private static void expect(BindContext c, int input, Shape shape) {
        c.require(!c.has(input) || c.shape(input).equals(shape), "input " + input + " must have shape " + shape + ", found "
                + (c.has(input) ? c.shape(input) : "nothing"));
    }

    private static List<RecurrentCell> cells(BindContext c, int gates, int directions, String[] defaults) {
        Attributes a = c.attributes();
        String[] names = a.strings("activations", null);
        if (names == null || names.length == 0) {
            names = new String[directions * defaults.length];
            for (int i = 0; i < names.length; i++)
                names[i] = defaults[i % defaults.length];
        }
        c.require(names.length == directions * defaults.length,
                "attribute 'activations' has " + names.length + " entries, expected " + directions * defaults.length);
        float[] alphas = a.reals("activation_alpha", new float[0]), betas = a.reals("activation_beta", new float[0]);
        // Parameters are handed out in order to the functions that have one; those that find none left take the default.
        int alpha = 0, beta = 0;
        CellActivation[] f = new CellActivation[names.length];
        for (int i = 0; i < f.length; i++) {
            CellActivation.Function function = function(c, names[i]);
            f[i] = new CellActivation(function, function.hasAlpha() && alpha < alphas.length ? alphas[alpha++] : function.alpha(),
                    function.hasBeta() && beta < betas.length ? betas[beta++] : function.beta());
        }
        List<RecurrentCell> cells = new ArrayList<>();
        for (int d = 0, i = 0; d < directions; d++, i += defaults.length)
            cells.add(switch (gates) {
                case 1 -> new RecurrentCell.Rnn(f[i]);
                case 3 -> new RecurrentCell.Gru(f[i], f[i + 1], a.flag("linear_before_reset", false));
                default -> new RecurrentCell.Lstm(f[i], f[i + 1], f[i + 2], a.flag("input_forget", false));
            });
        return List.copyOf(cells);
    }

    private static CellActivation.Function function(BindContext c, String name) {
        for (CellActivation.Function f : CellActivation.Function.values())
            if (f.name().equals(name.toUpperCase(Locale.ROOT))) return f;
        throw c.unsupported("activation '" + name + "'");
    }
}
