package dev.reprise.loaders.image;

import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Images in rows and columns. */
public final class ImageGrid {
    private static final int BACKGROUND = 255;

    private ImageGrid() {}

    /**
     * One image of many, all of one size.
     *
     * @param rows    rows of images from the top; null leaves a place empty
     * @param scale   how many times each image is enlarged
     * @param padding white pixels between images and around them
     */
    public static Image of(List<? extends List<Image>> rows, int scale, int padding) {
        Image first = rows.stream().flatMap(List::stream).filter(i -> i != null).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a grid needs an image"));
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int w = first.width() * scale + padding, h = first.height() * scale + padding;
        Image grid = Image.filled(columns * w + padding, rows.size() * h + padding, BACKGROUND, BACKGROUND, BACKGROUND);
        for (int r = 0; r < rows.size(); r++)
            for (int c = 0; c < rows.get(r).size(); c++) {
                Image i = rows.get(r).get(c);
                if (i == null) continue;
                if (i.width() != first.width() || i.height() != first.height())
                    throw new IllegalArgumentException("a grid needs images of one size, found " + i + " and " + first);
                grid.paste(i.enlarged(scale), padding + c * w, padding + r * h);
            }
        return grid;
    }

    /** The samples of a tensor (N, C, H, W), {@code columns} in a row, see {@link Image#of}. */
    public static Image of(Tensor samples, int columns, int scale, int padding) {
        List<List<Image>> rows = new ArrayList<>();
        for (long n = 0; n < samples.shape().dim(0); n++) {
            if (n % columns == 0) rows.add(new ArrayList<>());
            rows.getLast().add(Image.of(samples, n));
        }
        return of(rows, scale, padding);
    }

    /** Row n holds sample n of every tensor: a noise in each row, a model in each column. */
    public static Image sideBySide(List<Tensor> models, int rows, int scale, int padding) {
        List<List<Image>> grid = new ArrayList<>();
        for (int n = 0; n < rows; n++) {
            List<Image> row = new ArrayList<>();
            for (Tensor t : models)
                row.add(n < t.shape().dim(0) ? Image.of(t, n) : null);
            grid.add(row);
        }
        return of(grid, scale, padding);
    }
}
