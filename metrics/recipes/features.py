"""Prints the fixture of FeatureScoresTest: Frechet distances (SciPy's sqrtm), eigenvalues (NumPy) and precision and recall (plain float64
distances) of features that both sides make alike.

    python3 features.py > ../src/test/resources/dev/reprise/metrics/feature-scores.txt

Features n x d from a seed: bytes of a linear congruential generator, v = (byte - 127.5) / 64 + shift + v of the element before in the row / 2,
rounded to float32. "frechet": n, m, d, shift of the second set, distance. "eigenvalues": d, then the eigenvalues, ascending, of the first set's
covariance (n = 3 d). "precision": n, m, d, shift, k, precision's count, recall's count.
"""
import numpy as np
from scipy import linalg


def features(seed, n, d, shift):
    s, out = seed, np.empty((n, d))
    for i in range(n):
        before = 0.0
        for j in range(d):
            s = (s * 1664525 + 1013904223) % 2**32
            before = out[i, j] = ((s >> 24) - 127.5) / 64 + shift + before / 2
    return out.astype(np.float32).astype(np.float64)


for n, m, d, shift in [(200, 300, 24, 0.25), (50, 60, 1, -1), (400, 400, 64, 0), (40, 300, 48, 0.1), (30, 20, 48, 0.1), (1000, 1000, 130, 0.02)]:
    a, b = features(1, n, d, 0), features(2, m, d, shift)
    ca, cb = np.cov(a, rowvar=False).reshape(d, d), np.cov(b, rowvar=False).reshape(d, d)
    # tr sqrt(Ca Cb) through the symmetric root of Ca, so that singular matrices are no trouble.
    w, v = np.linalg.eigh(ca)
    root = v * np.sqrt(w.clip(0)) @ v.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cb @ root).clip(0)).sum()
    fid = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * cross
    if min(n, m) > 2 * d:
        usual = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * linalg.sqrtm(ca @ cb).real)
        assert abs(fid - usual) < 1e-8 * max(1, fid), (fid, usual)
    print("frechet", n, m, d, shift, repr(float(fid)))
for d in (1, 2, 7, 33):
    print("eigenvalues", d, *[repr(float(v)) for v in np.linalg.eigvalsh(np.cov(features(1, 3 * d, d, 0), rowvar=False).reshape(d, d))])


def distances(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(2)


for n, m, d, shift, k in [(300, 200, 8, 0.3, 3), (500, 600, 16, 0.1, 5), (100, 2300, 4, 0.5, 3), (64, 64, 32, 0, 1)]:
    a, b = features(3, n, d, 0), features(4, m, d, shift)
    ra, rb = np.sort(distances(a, a), 1)[:, k], np.sort(distances(b, b), 1)[:, k]
    x = distances(b, a)
    # The counts do not hang on roundings of float32.
    counts = {((x <= ra[None] * f).any(1).sum(), (x <= rb[:, None] * f).any(0).sum()) for f in (1 - 1e-5, 1, 1 + 1e-5)}
    assert len(counts) == 1, counts
    print("precision", n, m, d, shift, k, *counts.pop())
