package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.Py.Dict;
import dev.reprise.loaders.weights.Py.Global;
import dev.reprise.loaders.weights.Py.Items;
import dev.reprise.loaders.weights.Py.None;
import dev.reprise.loaders.weights.Py.Tuple;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Python's pickles, protocols 0 to 5 (opcodes: CPython's pickletools), as data. A pickle is a program for a stack machine whose names
 * and calls can do anything in Python; here names and calls go to {@link Meaning}, which knows a closed list and refuses the rest, and
 * every opcode that is not about plain values is refused by number. Memory is bounded by the pickle's length, as every opcode makes at
 * most one object.
 */
final class Pickle {
    /** Longer pickles are refused: that of a million tensors is shorter. */
    static final long MAX_BYTES = 64L << 20;
    private static final int MAX_INTEGER_BYTES = 256;

    /** What names, calls and references outside the pickle mean. Every method throws for what is not on its list. */
    interface Meaning {
        Global name(String module, String name);

        Object call(Object what, Tuple arguments);

        void build(Object target, Object state);

        Object persistent(Object id);
    }

    private final PickleInput in;
    private final Source source;
    private final Meaning meaning;
    private final long begin;
    private List<Object> stack = new ArrayList<>();
    private final Deque<List<Object>> marked = new ArrayDeque<>();
    private final Map<Long, Object> memo = new HashMap<>();

    /** @param at where the pickle begins */
    Pickle(MemorySegment data, long at, Source source, Meaning meaning) {
        this.in = new PickleInput(data, at, source);
        this.begin = at;
        this.source = source;
        this.meaning = meaning;
    }

    /** Where the byte after the pickle is, once it was read. */
    long end() { return in.position(); }

    Object read() {
        while (true) {
            if (in.position() - begin > MAX_BYTES)
                throw source.error("has a pickle of more than " + MAX_BYTES + " bytes, which no list of tensors needs: refused");
            int op = in.next();
            if (op == '.') {
                Object result = pop();
                if (!stack.isEmpty() || !marked.isEmpty()) throw source.error("is damaged: something is left at a pickle's end");
                return result;
            }
            if (!value(op) && !container(op)) machine(op);
        }
    }

    /** Opcodes that push a plain value. */
    private boolean value(int op) {
        switch (op) {
            case 'N' -> push(None.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'I' -> push(line());
            case 'J' -> push((long) (int) in.little(4));
            case 'K' -> push(in.little(1));
            case 'M' -> push(in.little(2));
            case 'L' -> push(integer(in.line().replaceFirst("L$", "")));
            case 0x8a -> push(integer(in.little(1)));
            case 0x8b -> push(integer(in.little(4)));
            case 'F' -> push(real(in.line()));
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.little(8))));
            // Python 2's str: text, as PyTorch reads it.
            case 'T', 'X' -> push(in.text(in.little(4)));
            case 'U', 0x8c -> push(in.text(in.little(1)));
            case 0x8d -> push(in.text(in.little(8)));
            case 'V' -> push(in.line());
            case 'C' -> push(in.bytes(in.little(1)));
            case 'B' -> push(in.bytes(in.little(4)));
            case 0x8e, 0x96 -> push(in.bytes(in.little(8)));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Opcodes of lists, tuples, dictionaries and sets. */
    private boolean container(int op) {
        switch (op) {
            case ']', 0x8f -> push(new Items());
            case '}' -> push(new Dict());
            case ')' -> push(new Tuple());
            case 0x85 -> push(new Tuple(last(1)));
            case 0x86 -> push(new Tuple(last(2)));
            case 0x87 -> push(new Tuple(last(3)));
            case 't' -> make(items -> new Tuple(List.of(items)));
            case 'l', 0x91 -> make(items -> new Items(new ArrayList<>(Arrays.asList(items))));
            case 'd' -> make(items -> set(new Dict(), items));
            case '(' -> {
                marked.push(stack);
                stack = new ArrayList<>();
            }
            case 'a' -> append(pop());
            case 'e', 0x90 -> append(toMark());
            case 's' -> set(last(2));
            case 'u' -> set(toMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The machine's own opcodes, names and calls; all others are refused. */
    private void machine(int op) {
        switch (op) {
            case 0x80 -> {
                int protocol = in.next();
                if (protocol > 5) throw source.unsupported("pickle protocol " + protocol);
            }
            case 0x95 -> in.little(8); // a frame: how much Python may read at once
            case '0' -> {
                if (stack.isEmpty()) toMark();
                else pop();
            }
            case '1' -> toMark();
            case '2' -> push(top());
            case 'p' -> memo.put(index(in.line()), top());
            case 'q' -> memo.put(in.little(1), top());
            case 'r' -> memo.put(in.little(4), top());
            case 0x94 -> memo.put((long) memo.size(), top());
            case 'g' -> push(remembered(index(in.line())));
            case 'h' -> push(remembered(in.little(1)));
            case 'j' -> push(remembered(in.little(4)));
            case 'c' -> push(meaning.name(in.line(), in.line()));
            case 0x93 -> {
                Object[] names = last(2);
                if (!(names[0] instanceof String module) || !(names[1] instanceof String name))
                    throw source.error("is damaged: a pickle takes " + Py.describe(names[0]) + " for a name");
                push(meaning.name(module, name));
            }
            // Making an object of a class with arguments is a call of the class.
            case 'R', 0x81 -> {
                Object[] call = last(2);
                if (!(call[1] instanceof Tuple arguments))
                    throw source.error("is damaged: a pickle calls " + Py.describe(call[0]) + " with " + Py.describe(call[1]));
                push(meaning.call(call[0], arguments));
            }
            case 'b' -> {
                Object state = pop();
                meaning.build(top(), state);
            }
            case 'Q' -> push(meaning.persistent(pop()));
            default -> throw source
                    .error("a pickle uses opcode 0x" + Integer.toHexString(op) + (op > 32 && op < 127 ? " ('" + (char) op + "')" : "")
                            + ", which neither tensors nor plain containers need: refused");
        }
    }

    private interface Maker {
        Object of(Object[] items);
    }

    private void make(Maker maker) {
        Object[] items = toMark();
        push(maker.of(items));
    }

    private void append(Object... items) {
        if (!(top() instanceof Items l)) throw source.error("a pickle appends to " + Py.describe(top()) + ": refused");
        Collections.addAll(l.items(), items);
    }

    private void set(Object[] pairs) {
        if (!(top() instanceof Dict d)) throw source.error("a pickle sets entries of " + Py.describe(top()) + ": refused");
        set(d, pairs);
    }

    private Dict set(Dict d, Object[] pairs) {
        if (pairs.length % 2 != 0) throw source.error("is damaged: a pickle has a key without a value");
        for (int i = 0; i < pairs.length; i += 2)
            d.put(pairs[i], pairs[i + 1]);
        return d;
    }

    private Object remembered(long i) {
        Object o = memo.get(i);
        if (o == null) throw source.error("is damaged: a pickle refers to entry " + i + ", which is not there");
        return o;
    }

    private long index(String line) {
        try {
            return Long.parseLong(line);
        } catch (NumberFormatException e) {
            throw source.error("is damaged: a pickle refers to entry '" + line + "'", e);
        }
    }

    private void push(Object o) { stack.add(o); }

    private Object top() {
        if (stack.isEmpty()) throw source.error("is damaged: a pickle's stack is empty");
        return stack.getLast();
    }

    private Object pop() {
        Object o = top();
        stack.removeLast();
        return o;
    }

    private Object[] last(int n) {
        Object[] items = new Object[n];
        for (int i = n - 1; i >= 0; i--)
            items[i] = pop();
        return items;
    }

    private Object[] toMark() {
        if (marked.isEmpty()) throw source.error("is damaged: a pickle lacks a mark");
        Object[] items = stack.toArray();
        stack = marked.pop();
        return items;
    }

    /** Protocol 0's integers; 00 and 01 are its booleans. */
    private Object line() {
        String s = in.line();
        return s.equals("00") ? (Object) false : s.equals("01") ? (Object) true : integer(s);
    }

    private Object integer(String s) {
        try {
            if (s.length() <= 2 * MAX_INTEGER_BYTES) return narrow(new BigInteger(s));
        } catch (NumberFormatException _) {
            // said below
        }
        throw source.error("is damaged: a pickle has the number '" + s.substring(0, Math.min(40, s.length())) + "'");
    }

    /** Two's complement, low byte first. */
    private Object integer(long bytes) {
        if (bytes > MAX_INTEGER_BYTES)
            throw source.error("has an integer of " + Integer.toUnsignedString((int) bytes) + " bytes in a pickle: refused");
        byte[] b = in.bytes(bytes);
        for (int i = 0; i < b.length / 2; i++) {
            byte low = b[i];
            b[i] = b[b.length - 1 - i];
            b[b.length - 1 - i] = low;
        }
        return b.length == 0 ? (Object) 0L : narrow(new BigInteger(b));
    }

    private static Object narrow(BigInteger v) { return v.bitLength() < 64 ? (Object) v.longValue() : v; }

    private Object real(String s) {
        try {
            return Double.parseDouble(s);
        } catch (NumberFormatException e) {
            throw source.error("is damaged: a pickle has the number '" + s + "'", e);
        }
    }
}
