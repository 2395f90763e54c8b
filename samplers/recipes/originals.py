"""Writes the fixture that OriginalsTest compares with: the states that the samplers of other projects pass, run on a denoiser in
closed form.

    /usr/bin/python3 originals.py ROOT > ../src/test/resources/dev/reprise/samplers/solver/originals.txt

ROOT holds checkouts of these projects, each in a folder of its repository's name, as they were at these commits:
NVlabs/edm 008a4e5, LuChengTHU/dpm-solver 52bc3fb, yang-song/score_sde_pytorch cb1f359, ermongroup/ddim e8df66c,
openai/guided-diffusion 22e0df8, huggingface/diffusers 58eb52c. Written with Debian's Python 3.11, torch 1.13.1, SciPy 1.10.1.
Nothing of them is changed but: arithmetic in float64 where a project fixes float32 (and, where said, as it is), no GPU, and in
place of random numbers those of `draw`. What they import and this needs not is replaced by empty modules.

The problem is that of solver_fixtures.py: seven Gaussians of standard deviation 1/4 in eight dimensions. One line is
`label | sampler | steps | kernel | options | coordinates | states`: the states that the original passed after each step (or some of
the last ones), separated by commas, of the first noise; coordinates are `x` for the kernel's, `scaled` for x over its scale.
"""
import ast
import math
import sys
import types
from pathlib import Path

import numpy as np
import torch

ROOT = Path(sys.argv[1])
torch.set_default_dtype(torch.float64)
POINTS = torch.tensor([[((i * 7 + e * 5) % 17) / 8 - 1 for e in range(8)] for i in range(7)])
WIDTH = 0.25
NOISE = torch.tensor([[((r * 13 + e * 5) % 9) / 4 - 1 for e in range(8)] for r in range(2)])[:1]
BETAS = np.linspace(1e-4, 0.02, 1000)


def denoise(x, sigma):
    """E[x_0] for x = x_0 + sigma eps, in x's dtype."""
    shape, p = x.shape, POINTS.to(x.dtype)
    x, sigma = x.reshape(shape[0], 8), torch.as_tensor(sigma).to(x.dtype).reshape(-1, 1)
    d2, v = ((x[:, None] - p[None]) ** 2).sum(2), WIDTH**2 + sigma**2
    w = torch.exp(-(d2 - d2.min(1, keepdim=True).values) / (2 * v))
    return ((WIDTH**2 * x + sigma**2 * (w @ p) / w.sum(1, keepdim=True)) / v).reshape(shape)


class Draws:
    """In place of a random generator: number k of a run is ((7 k) mod 23)/11 - 1."""

    def __init__(self):
        self.k = 0

    def __call__(self, like, **_):
        n = like.numel()
        z = torch.tensor([(7 * (self.k + i)) % 23 / 11 - 1 for i in range(n)], dtype=like.dtype).reshape(like.shape)
        self.k += n
        return z


def emit(label, sampler, steps, kernel, options, coordinates, states, digits=12):
    text = ",".join(" ".join("%.*g" % (digits, v) for v in s.reshape(-1)[:8].tolist()) for s in states)
    print(label, sampler, steps, kernel, options or "-", coordinates, text, sep=" | ")


def functions(path, names, scope):
    """Some functions and classes of a file, without what it imports."""
    tree = ast.parse((ROOT / path).read_text())
    body = [n for n in tree.body if getattr(n, "name", None) in names]
    for n in body:
        n.decorator_list = []
    exec(compile(ast.Module(body, []), path, "exec"), scope)
    return scope


def edm():
    scope = functions("edm/generate.py", {"ablation_sampler", "edm_sampler"}, {"torch": torch, "np": np})
    u = torch.zeros(1001)
    bar = lambda j: math.sin(0.5 * math.pi * j / 1000 / 1.008) ** 2
    for j in range(1000, 0, -1):
        u[j - 1] = math.sqrt((u[j] ** 2 + 1) / max(bar(j - 1) / bar(j), 0.001) - 1)

    class Net:
        def __init__(self, low, high, table=False):
            self.sigma_min, self.sigma_max, self.table, self.seen = low, high, table, []

        def round_sigma(self, sigma):
            sigma = torch.as_tensor(sigma)
            if not self.table:
                return sigma
            return u[(sigma.reshape(-1, 1) - u[None, :1000]).abs().argmin(1)].reshape(sigma.shape)

        def __call__(self, x, sigma, labels):
            self.seen.append(x)
            return denoise(x, sigma)

    def run(label, name, kernel, options, net, every, n=18, function="ablation_sampler", **kw):
        end = scope[function](net, NOISE, num_steps=n, randn_like=Draws(), **kw)
        emit(label, name, n, kernel, options, "scaled", (net.seen[every::every] if "churn" not in label else []) + [end])

    vp = lambda t: math.sqrt(math.exp(0.5 * 19.9 * t * t + 0.1 * t) - 1)
    run("edm_sampler", "heun", "edm", "", Net(0, math.inf), 2, function="edm_sampler")
    run("edm_sampler, churn", "heun", "edm", "churn=40;churn-min=0.05;churn-max=50;churn-noise=1.003", Net(0, 1e9), 2, function="edm_sampler",
        S_churn=40, S_min=0.05, S_max=50, S_noise=1.003)
    run("ablation edm", "euler", "edm", "", Net(0, math.inf), 1, solver="euler")
    run("ablation midpoint", "heun", "edm", "alpha=0.5", Net(0, math.inf), 2, alpha=0.5)
    for solver, every in (("heun", 2), ("euler", 1)):
        clock = ";clock=time" if solver == "heun" else None
        if clock:
            run("ablation vp", solver, "vp", "spacing=uniform;prior=noise" + clock, Net(vp(1e-5), vp(1)), every, solver=solver,
                discretization="vp", schedule="vp", scaling="vp")
            run("ablation ve", solver, "edm-ve", "spacing=logsnr;clock=variance", Net(0.02, 100), every, solver=solver, discretization="ve",
                schedule="ve", scaling="none")
        run("ablation vp, linear", solver, "vp", "spacing=uniform;prior=noise", Net(vp(1e-5), vp(1)), every, solver=solver, discretization="vp")
        run("ablation iddpm", solver, "iddpm", "spacing=index;sigma-min=0.002;sigma-max=81;prior=noise", Net(float(u[999]), float(u[0]), True),
            every, solver=solver, discretization="iddpm")
    run("ablation edm on vp", "heun", "vp", "spacing=karras;sigma-max=80;prior=noise", Net(vp(1e-3), vp(1)), 2)


def dpm_solver():
    sys.path.insert(0, str(ROOT / "dpm-solver"))
    import dpm_solver_pytorch as dpm
    kernels = {"vp": (dpm.NoiseScheduleVP("linear", continuous_beta_0=0.1, continuous_beta_1=20.0), 1e-3),
        "vp-discrete": (dpm.NoiseScheduleVP("discrete", betas=torch.tensor(BETAS)), 1e-3)}

    def eps(ns):
        def of(x, t):
            alpha, sigma = ns.marginal_alpha(t), ns.marginal_std(t)
            d = denoise(x / alpha[0], (sigma / alpha)[0])
            return (x - alpha[0] * d) / sigma[0]
        return of

    skips = {"logSNR": "logsnr", "time_uniform": "uniform", "time_quadratic": "quadratic"}
    for kernel, (ns, end) in kernels.items():
        for algorithm in ("dpmsolver", "dpmsolver++"):
            for method in ("singlestep", "singlestep_fixed", "multistep"):
                for order in (1, 2, 3):
                    for skip in skips if kernel == "vp" else ("logSNR", "time_uniform"):
                        for kind in ("dpmsolver", "taylor"):
                            for n in (100, 20) if skip == "logSNR" and kind == "dpmsolver" else (100,):
                                one(dpm, ns, end, kernel, algorithm, method, order, skip, skips[skip], kind, n, eps(ns))
    for algorithm in ("dpmsolver", "dpmsolver++"):
        for order in (2, 3):
            ns, end = kernels["vp"]
            solver = dpm.DPM_Solver(eps(ns), ns, algorithm_type=algorithm)
            import contextlib
            with contextlib.redirect_stdout(sys.stderr):
                x = solver.sample(NOISE, order=order, t_end=end, method="adaptive")
            emit("dpm-solver adaptive", "dpm-solver-%d%d" % (order - 1, order), 1, "vp", "predict=" + ("data" if "++" in algorithm else "noise"),
                "x", [x])


def one(dpm, ns, end, kernel, algorithm, method, order, skip, spacing, kind, n, eps):
    plus = "++" in algorithm
    if order == 1 and (plus or kind == "taylor") or kind == "taylor" and skip != "logSNR" or kind == "taylor" and kernel != "vp":
        return
    if method == "multistep":
        name = "dpm-solver%s-%dm" % ("++" if plus else "", order)
        if order == 1:
            return
    else:
        name = "dpm-solver%s-%d%s" % ("++" if plus else "", order, "s" if plus else "")
    options = "spacing=" + spacing + (";fixed=true" if method == "singlestep_fixed" else "") + (";type=taylor" if kind == "taylor" else "")
    solver = dpm.DPM_Solver(eps, ns, algorithm_type=algorithm)
    x, states = solver.sample(NOISE, steps=n, order=order, skip_type=skip, t_end=end, method=method, solver_type=kind, return_intermediate=True)
    # The table is not asked below its first step; where it ends earlier, so does Reprise.
    emit("dpm-solver " + method, name, n, kernel, options, "x", [states[len(states) // 2 + (method == "multistep")], x])


def score_sde():
    folder = ROOT / "score_sde_pytorch"
    sys.path.insert(0, str(folder))
    for name in ("models", "sampling_deps"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["models"].__path__ = [str(folder / "models")]
    import sampling
    import sde_lib

    class Doubled:
        """torch, with float32 meaning float64."""
        def __getattr__(self, name):
            return torch.float64 if name == "float32" else getattr(torch, name)

    for precision in ("float64", "float32"):
        sampling.torch = Doubled() if precision == "float64" else torch
        torch.set_default_dtype(torch.float64 if precision == "float64" else torch.float32)
        for kernel, sde, end in (("vp", sde_lib.VPSDE(0.1, 20, 1000), 1e-3), ("sub-vp", sde_lib.subVPSDE(0.1, 20, 1000), 1e-3),
                ("ve", sde_lib.VESDE(0.01, 50, 1000), 1e-5)):
            class Model(torch.nn.Module):
                def forward(self, x, label):
                    if kernel == "ve":
                        return (denoise(x, label) - x) / label.reshape(-1, 1, 1, 1) ** 2
                    mean, std = sde.marginal_prob(torch.ones_like(x), label / 999)
                    s = mean.reshape(-1)[0]
                    return (x - s * denoise(x / s, std / s)) / std.reshape(-1, 1, 1, 1)
            for joint in (False, True):
                noise = torch.cat([NOISE, -0.5 * NOISE.flip(1)]) if joint else NOISE
                z = noise.reshape(-1, 2, 2, 2).to(torch.get_default_dtype()) * (50 if kernel == "ve" else 1)
                run = sampling.get_ode_sampler(sde, tuple(z.shape), lambda x: x, denoise=False, eps=end, device="cpu")
                x, nfe = run(Model(), z)
                # The state at the start of SciPy's solution is the prior's; the end is what is compared.
                emit("score_sde rk45 %s nfe %d" % (precision, nfe), "rk45", 1, kernel, "denoise=false" + (";joint=true" if joint else ""),
                    "x", [x])
    torch.set_default_dtype(torch.float64)


def ddim():
    source = (ROOT / "ddim/functions/denoising.py").read_text().replace(".to('cuda')", "").replace('.to("cuda")', "")
    scope = {}
    exec(compile(source, "denoising.py", "exec"), scope)
    bar = torch.tensor(np.cumprod(1 - np.concatenate([[0], BETAS])))

    def eps(x, t):
        a = bar[t.long() + 1].reshape(-1, 1)
        s, std = a.sqrt(), (1 - a).sqrt()
        return (x - s * denoise(x / s, std / s)) / std
    for grid, n in (("uniform", 10), ("uniform", 16), ("quadratic", 20)):
        seq = list(range(0, 1000, 1000 // n)) if grid == "uniform" else [int(s) for s in list(np.linspace(0, np.sqrt(1000 * 0.8), n) ** 2)]
        for eta in (0.0, 0.7):
            draws, keep = Draws(), torch.randn_like
            torch.randn_like = draws
            xs, _ = scope["generalized_steps"](NOISE, seq, eps, torch.tensor(BETAS), eta=eta)
            torch.randn_like = keep
            emit("ddim", "ddim", n, "vp-discrete", "grid=%s;eta=%g" % (grid, eta), "x", xs[1:])


def guided_diffusion():
    package = types.ModuleType("guided_diffusion")
    package.__path__ = [str(ROOT / "guided-diffusion/guided_diffusion")]
    sys.modules["guided_diffusion"] = package
    from guided_diffusion import gaussian_diffusion as gd
    from guided_diffusion.respace import SpacedDiffusion, space_timesteps
    bar = torch.tensor(np.cumprod(1 - BETAS))

    def eps(x, t, **_):
        a = bar[t].reshape(-1, 1, 1, 1)
        s, std = a.sqrt(), (1 - a).sqrt()
        return (x - s * denoise(x / s, std / s)) / std
    for name, steps, grid, n in (("ddim", "ddim25", "stride", 25), ("ddim", "16", "even", 16), ("ddpm", "16", "even", 16)):
        diffusion = SpacedDiffusion(use_timesteps=space_timesteps(1000, steps), betas=BETAS, model_mean_type=gd.ModelMeanType.EPSILON,
            model_var_type=gd.ModelVarType.FIXED_SMALL, loss_type=gd.LossType.MSE, rescale_timesteps=False)
        draws = Draws()
        gd.th.randn_like = lambda x, d=draws: d(x).to(x.dtype)
        loop = diffusion.ddim_sample_loop_progressive if name == "ddim" else diffusion.p_sample_loop_progressive
        model = torch.nn.Module()
        model.forward = eps
        if name == "ddim":
            gd.th.randn_like = torch.zeros_like
        states = [s["sample"] for s in loop(eps, (1, 2, 2, 2), noise=NOISE.reshape(1, 2, 2, 2), clip_denoised=False, device="cpu")]
        # Its tables are rounded to float32 on every use.
        emit("guided-diffusion float32", name, n, "vp-discrete", "grid=" + grid, "x", states)


def diffusers():
    folder = ROOT / "diffusers/src/diffusers"
    for name in ("diffusers", "diffusers.schedulers", "diffusers.utils", "diffusers.utils.torch_utils", "diffusers.configuration_utils",
            "diffusers.schedulers.scheduling_utils"):
        sys.modules[name] = types.ModuleType(name)
    for name, path in (("diffusers", folder), ("diffusers.schedulers", folder / "schedulers")):
        sys.modules[name].__path__ = [str(path)]

    class Config(dict):
        __getattr__ = dict.__getitem__

    def register(init):
        import functools
        import inspect

        @functools.wraps(init)
        def wrapped(self, *args, **kw):
            bound = inspect.signature(init).bind(self, *args, **kw)
            bound.apply_defaults()
            self.config = Config({k: v for k, v in bound.arguments.items() if k != "self"})
            init(self, *args, **kw)
        return wrapped
    sys.modules["diffusers.configuration_utils"].ConfigMixin = type("ConfigMixin", (), {})
    sys.modules["diffusers.configuration_utils"].register_to_config = register
    utils = sys.modules["diffusers.utils"]
    utils.BaseOutput, utils.deprecate, utils.is_scipy_available = object, lambda *a, **k: None, lambda: True
    utils.logging = types.SimpleNamespace(get_logger=lambda name: None)
    sys.modules["diffusers.utils.torch_utils"].randn_tensor = lambda shape, **k: torch.zeros(shape)
    base = sys.modules["diffusers.schedulers.scheduling_utils"]
    base.KarrasDiffusionSchedulers, base.SchedulerMixin = [], type("SchedulerMixin", (), {})

    class Output:
        def __init__(self, prev_sample, **_):
            self.prev_sample = prev_sample
    base.SchedulerOutput = Output
    from importlib import import_module
    bar = torch.tensor(np.cumprod(1 - BETAS))
    table = ((1 - bar) / bar).sqrt()

    def run(module, name, sampler, options, n, coordinates, sigmas=None, extra=0, **kw):
        cls = getattr(import_module("diffusers.schedulers." + module), name)
        s = cls(trained_betas=BETAS, **kw)
        s.set_timesteps(n)
        if hasattr(s, "alphas_cumprod"):
            s.alphas_cumprod = bar
        times = [int(t) for t in s.timesteps]
        if sigmas is None:
            sigmas = torch.cat([table[times], torch.zeros(1)])
        if hasattr(s, "sigmas"):
            s.sigmas = sigmas
        if hasattr(s, "final_alpha_cumprod"):
            s.final_alpha_cumprod = torch.tensor(1.0)
        karras = coordinates == "scaled"
        x = NOISE * ((sigmas[0] ** 2 + 1).sqrt() if karras else 1)
        states = []
        for i, t in enumerate(times):
            sigma = table[t] if hasattr(s, "final_alpha_cumprod") else sigmas[i]
            a = 1 / (1 + sigma**2).sqrt()
            e = (x - denoise(x, sigma)) / sigma if karras else (x - a * denoise(x / a, sigma)) / (a * sigma)
            if hasattr(s, "is_scale_input_called"):
                s.is_scale_input_called = True
            x = s.step(e, s.timesteps[i], x, return_dict=False)[0]
            states.append(x)
        given = sigmas.tolist()
        emit("diffusers " + name, sampler, n, "vp-discrete", options + "sigmas=" + "/".join(repr(v) for v in given), coordinates, states[extra:])

    low = table[list(range(990, -1, -66))]
    for order in (1, 2, 3):
        for variant, sigmas in (("bh1", low), ("bh2", low), ("bh2", None)):
            run("scheduling_unipc_multistep", "UniPCMultistepScheduler", "unipc", "order=%d;variant=%s;" % (order, variant), 15, "x",
                sigmas=sigmas, solver_order=order, solver_type=variant, final_sigmas_type="zero")
    run("scheduling_unipc_multistep", "UniPCMultistepScheduler", "unipc", "order=2;variant=bh2;predict=noise;", 15, "x", solver_order=2,
        predict_x0=False, lower_order_final=True, sigmas=low)
    run("scheduling_lms_discrete", "LMSDiscreteScheduler", "lms", "", 12, "scaled", timestep_spacing="leading")
    run("scheduling_pndm", "PNDMScheduler", "plms", "", 10, "x", skip_prk_steps=True, set_alpha_to_one=True, extra=1,
        sigmas=torch.cat([table[list(range(900, -1, -100))], torch.zeros(1)]))
    for order in (2, 3):
        run("scheduling_dpmsolver_multistep", "DPMSolverMultistepScheduler", "dpm-solver++-%dm" % order, "settle=15;", 14, "x",
            solver_order=order, final_sigmas_type="zero")


for what in (edm, dpm_solver, score_sde, ddim, guided_diffusion, diffusers):
    print("running", what.__name__, file=sys.stderr)
    what()
