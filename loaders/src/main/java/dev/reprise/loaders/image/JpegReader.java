package dev.reprise.loaders.image;

import dev.reprise.loaders.Source;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * JPEG through the JDK's decoder (libjpeg's integer transform): grey and RGB, 8 bits. Colour profiles are not applied, as
 * Pillow does not. Its values may differ from Pillow's, which uses another library, by a few steps of 255.
 */
final class JpegReader {
    private static final long MAX_PIXELS = 1L << 26;

    private JpegReader() {}

    static Image read(byte[] jpeg, Source source) {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
        if (!readers.hasNext()) throw source.unsupported("JPEG (this JDK has no decoder for it)");
        ImageReader reader = readers.next();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
            reader.setInput(in, true, true);
            if ((long) reader.getWidth(0) * reader.getHeight(0) > MAX_PIXELS)
                throw source.unsupported("an image of " + reader.getWidth(0) + "x" + reader.getHeight(0) + " pixels");
            return rgb(reader.read(0), source);
        } catch (IOException | IllegalArgumentException e) {
            throw source.error(
                    "cannot be read as JPEG: it is damaged, or of a kind that is not supported such as CMYK (" + e.getMessage() + ")", e);
        } finally {
            reader.dispose();
        }
    }

    private static Image rgb(BufferedImage image, Source source) {
        Raster raster = image.getRaster();
        int bands = raster.getNumBands(), w = image.getWidth(), h = image.getHeight();
        if (bands != 1 && bands != 3) throw source.unsupported("JPEG of " + bands + " channels");
        byte[] rgb = new byte[3 * w * h];
        int[] row = new int[bands * w];
        for (int y = 0; y < h; y++) {
            raster.getPixels(0, y, w, 1, row);
            for (int x = 0; x < w; x++)
                for (int c = 0; c < 3; c++)
                    rgb[3 * (y * w + x) + c] = (byte) row[bands * x + (bands == 1 ? 0 : c)];
        }
        return new Image(w, h, rgb);
    }
}
