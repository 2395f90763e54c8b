"""Writes the fixture that SolverFixtureTest compares with: end points of solvers written by others, or spelled out here
from their papers, on one small problem, in float64.

    python3 solver_fixtures.py > ../src/test/resources/dev/reprise/samplers/solver/end-points.txt

Needs numpy, scipy, torch, and `dpm_solver_pytorch.py` (github.com/LuChengTHU/dpm-solver, its authors' implementation)
beside this file or on PYTHONPATH. Written with scipy 1.10.1 and torch 1.13.1.

The problem: the ideal denoiser of an even mixture of seven Gaussians of standard deviation 1/4 in eight dimensions, and two
noises. All its numbers are multiples of 1/8.
Each line: solver, kernel, parameters as key=value, then "|", evaluations of each sample, "|", both end points.
"""
import numpy as np
import torch
from scipy.integrate import solve_ivp

import dpm_solver_pytorch as dpm

torch.set_default_dtype(torch.float64)
POINTS = np.array([[((i * 7 + e * 5) % 17) / 8 - 1 for e in range(8)] for i in range(7)])
WIDTH = 0.25
NOISE = np.array([[((r * 13 + e * 5) % 9) / 4 - 1 for e in range(8)] for r in range(2)])
BETAS = np.linspace(1e-4, 0.02, 1000)
B0, B1 = 0.1, 20.0


def denoise(x, sigma):
    d2, v = ((x[None] - POINTS) ** 2).sum(1), WIDTH**2 + sigma**2
    w = np.exp(-(d2 - d2.min()) / (2 * v))
    return (WIDTH**2 * x + sigma**2 * (w[:, None] * POINTS).sum(0) / w.sum()) / v


def emit(solver, kernel, params, evaluations, ends):
    print(solver, kernel, params, "|", *evaluations, "|", *["%.17g" % v for end in ends for v in end])


class Vp:
    range = (1.0, 1e-3)
    prior = 1.0
    s = staticmethod(lambda t: np.exp(-0.25 * t**2 * (B1 - B0) - 0.5 * t * B0))
    std = staticmethod(lambda t: np.sqrt(1 - Vp.s(t) ** 2))
    f = staticmethod(lambda t: -0.5 * (B0 + t * (B1 - B0)))
    g2 = staticmethod(lambda t: B0 + t * (B1 - B0))


class SubVp(Vp):
    std = staticmethod(lambda t: 1 - Vp.s(t) ** 2)
    g2 = staticmethod(lambda t: (B0 + t * (B1 - B0)) * (1 - np.exp(-2 * B0 * t - (B1 - B0) * t**2)))


class Ve:
    range = (1.0, 1e-5)
    prior = 50.0
    s = staticmethod(lambda t: 1.0)
    std = staticmethod(lambda t: 0.01 * 5000.0**t)
    f = staticmethod(lambda t: 0.0)
    g2 = staticmethod(lambda t: 2 * np.log(5000.0) * (0.01 * 5000.0**t) ** 2)


class Edm:
    range = (80.0, 0.002)
    prior = 80.0
    s = staticmethod(lambda t: 1.0)
    std = staticmethod(lambda t: t)
    f = staticmethod(lambda t: 0.0)
    g2 = staticmethod(lambda t: 2 * t)


class VpDiscreteInLogSigma:
    """The same ODE over ln sigma, where s^2 = 1/(1 + sigma^2)."""
    range = tuple(0.5 * np.log(1 / np.cumprod(1 - BETAS) - 1)[[-1, 0]])
    prior = 1.0
    s = staticmethod(lambda t: 1 / np.sqrt(1 + np.exp(2 * t)))
    std = staticmethod(lambda t: 1 / np.sqrt(1 + np.exp(-2 * t)))
    f = staticmethod(lambda t: -1 / (1 + np.exp(-2 * t)))
    g2 = staticmethod(lambda t: 2 / (1 + np.exp(-2 * t)))


def rk45():
    for name, k in [("vp", Vp), ("sub-vp", SubVp), ("ve", Ve), ("edm", Edm), ("vp-discrete", VpDiscreteInLogSigma)]:
        for tol in [1e-3, 1e-5]:
            def slope(t, x):
                s, std = k.s(t), k.std(t)
                score = (s * denoise(x / s, std / s) - x) / std**2
                return k.f(t) * x - 0.5 * k.g2(t) * score
            runs = [solve_ivp(slope, k.range, k.prior * e, method="RK45", rtol=tol, atol=tol) for e in NOISE]
            emit("rk45", name, "tol=%g" % tol, [r.nfev for r in runs], [r.y[:, -1] for r in runs])


def dpm_solver():
    kernels = [("vp", dpm.NoiseScheduleVP("linear", continuous_beta_0=B0, continuous_beta_1=B1), 1e-3),
               ("vp-discrete", dpm.NoiseScheduleVP("discrete", betas=torch.tensor(BETAS), dtype=torch.float64), 1e-3)]
    names = {"logsnr": "logSNR", "uniform": "time_uniform", "quadratic": "time_quadratic"}
    for name, ns, end in kernels:
        for order in [1, 2, 3]:
            for n in [1, 9, 10, 11]:
                for spacing in names:
                    count = [0]

                    def eps(x, t):
                        count[0] += 1
                        t = t.reshape(-1)[:1]
                        s, std = ns.marginal_alpha(t).item(), ns.marginal_std(t).item()
                        out = [(v - s * denoise(v / s, std / s)) / std for v in x.numpy()]
                        return torch.tensor(np.array(out))
                    solver = dpm.DPM_Solver(eps, ns, algorithm_type="dpmsolver")
                    ends = solver.sample(torch.tensor(NOISE), steps=n, t_end=end, order=order, skip_type=names[spacing],
                                         method="singlestep", denoise_to_zero=False)
                    emit("dpm-solver-%d" % order, name, "steps=%d,spacing=%s" % (n, spacing), [count[0]] * 2, ends.numpy())


def ddim():
    """The loop of DDIM's authors, eta = 0."""
    bar = np.concatenate([[1.0], np.cumprod(1 - BETAS)])
    for steps in [1, 10, 16]:
        sequences = {"uniform": list(range(0, 1000, 1000 // steps)),
                     "quadratic": [int(s) for s in np.linspace(0, np.sqrt(1000 * 0.8), steps) ** 2]}
        for grid, seq in sequences.items():
            ends = []
            for x in NOISE:
                for i, j in zip(reversed(seq), reversed([-1] + seq[:-1])):
                    a, b = bar[i + 1], bar[j + 1]
                    e = (x - np.sqrt(a) * denoise(x / np.sqrt(a), np.sqrt((1 - a) / a))) / np.sqrt(1 - a)
                    x0 = (x - np.sqrt(1 - a) * e) / np.sqrt(a)
                    x = np.sqrt(b) * x0 + np.sqrt(1 - b) * e
                ends.append(x)
            emit("ddim", "vp-discrete", "steps=%d,grid=%s" % (steps, grid), [len(seq)] * 2, ends)


def heun():
    """Algorithm 1 of Karras et al. 2022 with s = 1, sigma(t) = t."""
    for n in [1, 2, 18]:
        lo, hi = 0.002 ** (1 / 7), 80 ** (1 / 7)
        t = [(hi + i / max(n - 1, 1) * (lo - hi)) ** 7 for i in range(n)] + [0.0]
        for name in ["heun", "euler"]:
            ends = []
            for e in NOISE:
                x = 80 * e
                for i in range(n):
                    d = (x - denoise(x, t[i])) / t[i]
                    y = x + (t[i + 1] - t[i]) * d
                    if name == "heun" and t[i + 1] != 0:
                        y = x + (t[i + 1] - t[i]) * (0.5 * d + 0.5 * (y - denoise(y, t[i + 1])) / t[i + 1])
                    x = y
                ends.append(x)
            emit(name, "edm", "steps=%d" % n, [2 * n - 1 if name == "heun" else n] * 2, ends)


rk45()
dpm_solver()
ddim()
heun()
