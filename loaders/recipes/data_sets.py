"""Writes the fixtures of the data set tests: tiny archives laid out as the published ones are, and what they hold.

    python3 data_sets.py ../src/test/resources/dev/reprise/loaders/data

The CIFAR archives bear the published names of files, in the published (scattered) order; the Python batches are spelled opcode
by opcode as Python 2's cPickle did, and read back here with pickle.loads(encoding="bytes"). expected.txt has, for each set and
split, the SHA-256 of all bytes in order (N, C, H, W) and the labels. Written with Pillow 9.4 and NumPy 1.24.
"""
import gzip
import hashlib
import io
import json
import pickle
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.RandomState(5)
expected = []


def note(name, split, images, labels):
    digest = hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest()
    expected.append(f"{name} {split} {digest} {','.join(map(str, labels))}")


def smooth(n, c=3, h=32, w=32):
    """Pictures that compress: ramps of random slope."""
    y, x = np.mgrid[0:h, 0:w]
    a, b, d = rng.randint(-3, 4, (3, n, c, 1, 1))
    return (128 + a * x + b * y + 10 * d).clip(0, 255).astype(np.uint8)


def tar(name, files):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as t:
        folder = tarfile.TarInfo("cifar-folder")
        folder.type = tarfile.DIRTYPE
        t.addfile(folder)
        for file, data in files:
            info = tarfile.TarInfo("cifar-folder/" + file)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    (out / name).write_bytes(gzip.compress(raw.getvalue(), 9, mtime=0))


def py2(s):
    """A str of Python 2: SHORT_BINSTRING or BINSTRING."""
    b = s if isinstance(s, bytes) else s.encode()
    return b"U" + bytes([len(b)]) + b if len(b) < 256 else b"T" + struct.pack("<i", len(b)) + b


def integer(i):
    return b"K" + bytes([i]) if i < 256 else b"M" + struct.pack("<H", i)


def strings(names, memo=b"q\x03"):
    return b"]" + memo + b"(" + b"".join(py2(n) for n in names) + b"e"


def batch(images, entries):
    data = images.reshape(len(images), -1)
    array = (b"cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nq\x06K\x00\x85U\x01b\x87Rq\x07"
             b"(K\x01" + integer(data.shape[0]) + integer(data.shape[1]) + b"\x86q\x08"
             b"cnumpy\ndtype\nq\x09U\x02u1K\x00K\x01\x87Rq\x0a(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
             + py2(data.tobytes()) + b"tb")
    text = b"\x80\x02}q\x01(" + py2("data") + array
    for key, value in entries.items():
        text += py2(key) + (py2(value) if isinstance(value, str) else
                            b"]q\x0b(" + b"".join(integer(v) if isinstance(v, int) else py2(v) for v in value) + b"e")
    text += b"u."
    back = pickle.loads(text, encoding="bytes")
    assert (back[b"data"] == data).all() and back[b"data"].dtype == np.uint8
    return text


ten = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
parts = {f"data_batch_{i + 1}": smooth(2) for i in range(5)}
parts["test_batch"] = smooth(3)
labels = {k: [int(v) for v in rng.randint(0, 10, len(p))] for k, p in parts.items()}
train = [f"data_batch_{i + 1}" for i in range(5)]
all_images, all_labels = np.concatenate([parts[k] for k in train]), sum((labels[k] for k in train), [])
for name in ("cifar-10-binary.tar.gz", "cifar-10-python.tar.gz"):
    note(name, "train", all_images, all_labels)
    note(name, "test", parts["test_batch"], labels["test_batch"])
    note(name, "all", np.concatenate([all_images, parts["test_batch"]]), all_labels + labels["test_batch"])
binary = {k: b"".join(bytes([l]) + p.tobytes() for l, p in zip(labels[k], parts[k])) for k in parts}
tar("cifar-10-binary.tar.gz",
    [("data_batch_1.bin", binary["data_batch_1"]), ("batches.meta.txt", ("\n".join(ten) + "\n\n").encode()),
     ("data_batch_3.bin", binary["data_batch_3"]), ("data_batch_4.bin", binary["data_batch_4"]),
     ("test_batch.bin", binary["test_batch"]), ("readme.html", b"<html>"), ("data_batch_5.bin", binary["data_batch_5"]),
     ("data_batch_2.bin", binary["data_batch_2"])])
python = {k: batch(parts[k], {"batch_label": "training batch", "labels": labels[k], "filenames": ["a.png"] * len(parts[k])}) for k in parts}
meta = b"\x80\x02}q\x01(" + py2("num_cases_per_batch") + b"M\x10'" + py2("label_names") + strings(ten) + py2("num_vis") + b"M\x00\x0cu."
assert pickle.loads(meta)["label_names"] == ten
tar("cifar-10-python.tar.gz",
    [("data_batch_4", python["data_batch_4"]), ("readme.html", b"<html>"), ("test_batch", python["test_batch"]),
     ("data_batch_3", python["data_batch_3"]), ("batches.meta", meta), ("data_batch_2", python["data_batch_2"]),
     ("data_batch_5", python["data_batch_5"]), ("data_batch_1", python["data_batch_1"])])

fine, coarse = [f"fine {i}" for i in range(100)], [f"coarse {i}" for i in range(20)]
a, b = smooth(4), smooth(2)
fa, fb = [99, 0, 37, 5], [12, 98]
for name in ("cifar-100-binary.tar.gz", "cifar-100-python.tar.gz"):
    note(name, "train", a, fa)
    note(name, "test", b, fb)
record = lambda images, ls: b"".join(bytes([l % 20, l]) + p.tobytes() for l, p in zip(ls, images))
tar("cifar-100-binary.tar.gz",
    [("coarse_label_names.txt", "\n".join(coarse).encode()), ("fine_label_names.txt", "\n".join(fine).encode()), ("test.bin", record(b, fb)),
     ("train.bin", record(a, fa))])
meta = b"\x80\x02}q\x01(" + py2("coarse_label_names") + strings(coarse) + py2("fine_label_names") + strings(fine, b"q\x04") + b"u."
tar("cifar-100-python.tar.gz",
    [("file.txt~", b""), ("meta", meta), ("test", batch(b, {"coarse_labels": [l % 20 for l in fb], "fine_labels": fb})),
     ("train", batch(a, {"coarse_labels": [l % 20 for l in fa], "fine_labels": fa}))])

for prefix, n in (("train", 5), ("t10k", 3)):
    images, ls = smooth(n, 1, 28, 28), [int(v) for v in rng.randint(0, 10, n)]
    for kind, data in (("images-idx3", struct.pack(">4i", 0x803, n, 28, 28) + images.tobytes()), ("labels-idx1", struct.pack(">2i", 0x801, n) + bytes(ls))):
        (out / "mnist").mkdir(exist_ok=True)
        (out / "mnist" / f"{prefix}-{kind}-ubyte.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    note("mnist", {"train": "train", "t10k": "test"}[prefix], images, ls)


def png(image):
    f = io.BytesIO()
    Image.fromarray(image.transpose(1, 2, 0)).save(f, "PNG", optimize=True)
    return f.getvalue()


images, ls = smooth(4, 3, 16, 12), [3, 0, 2, 3]
with zipfile.ZipFile(out / "edm.zip", "w", zipfile.ZIP_STORED) as z:
    for i in (2, 0, 3, 1):
        z.writestr(zipfile.ZipInfo(f"0000{i // 2}/img0000000{i}.png"), png(images[i]))
    z.writestr(zipfile.ZipInfo("dataset.json"), json.dumps({"labels": [[f"0000{i // 2}/img0000000{i}.png", ls[i]] for i in (1, 0, 3, 2)]}))
note("edm.zip", "train", images, ls)

folder = out / "folder"
images = smooth(3, 3, 9, 11)
for i, name in enumerate(("cats/1.png", "cats/10.png", "dogs/0.png")):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(png(images[i]))
note("folder", "train", images, [0, 0, 1])

images = smooth(3, 3, 6, 7)
np.savez_compressed(out / "nhwc.npz", arr_0=images.transpose(0, 2, 3, 1), labels=np.array([7, 8, 9], np.int16))
note("nhwc.npz", "train", images, [7, 8, 9])
np.savez(out / "floats.npz", samples=images.astype(np.float32) / np.float32(127.5) - 1)
note("floats.npz", "train", images, [-1, -1, -1])

# A photograph-like picture: the JPEG that Pillow writes and what Pillow reads of it.
y, x = np.mgrid[0:24, 0:40]
picture = np.stack([128 + 100 * np.sin(x / 7 + y / 5), 128 + 90 * np.cos(x / 4), 128 + 80 * np.sin(y / 6 - x / 9)], 2).clip(0, 255).astype(np.uint8)
for name, options in (("444.jpg", {"subsampling": 0}), ("420.jpg", {"subsampling": 2}), ("grey.jpg", {})):
    im = Image.fromarray(picture)
    im = im.convert("L") if name == "grey.jpg" else im
    im.save(out / name, quality=92, **options)
    np.save(out / (name + ".npy"), np.asarray(Image.open(out / name).convert("RGB")))


def splitmix(seed):
    mask = 2**64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = seed
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        yield z ^ z >> 31


for n, count, seed in ((10, 10, 0), (50000, 8, 0), (50000, 8, 12345), (7, 3, -1)):
    p, r = list(range(n)), splitmix(seed % 2**64)
    for k in range(count):
        j = k + (next(r) * (n - k) >> 64)
        p[k], p[j] = p[j], p[k]
    expected.append(f"permutation {n} {seed} {','.join(map(str, p[:count]))}")
(out / "expected.txt").write_text("\n".join(expected) + "\n")
