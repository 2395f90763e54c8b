"""The embedded models: name, network, objective, training. Order is the order of the table in the README."""

import schedule
from data import CLASSES
from dit import DiT
from unet_ddpm import UNetDdpm
from unet_edm import UNetEdm
from uvit import UViT

SPECS = {
    "unet-ddpm": dict(
        network=UNetDdpm, schedule=schedule.VpDiscrete, parameterization="epsilon", labelled=False,
        architecture="DDPM U-Net, widths 24-48-72, attention at 8x8 and in the middle",
        time="index", inputs={"sample": "x", "time": "t"},
        sampler={"name": "dpm-solver-3", "steps": 20}, count=20000, steps=8000, lr=1e-3, seed=1),
    "unet-edm": dict(
        network=lambda: UNetEdm(CLASSES), schedule=schedule.Edm, parameterization="edm", labelled=True,
        architecture="DDPM++-like U-Net, widths 24-48-72, raw F of the EDM preconditioning",
        time="cnoise", inputs={"sample": "x", "time": "c_noise", "label": "y"},
        sampler={"name": "edm-heun", "steps": 18}, count=20000, steps=8000, lr=1e-3, seed=2),
    "dit": dict(
        network=lambda: DiT(CLASSES), schedule=schedule.VpDiscrete, parameterization="x0", labelled=True,
        architecture="DiT, patch 4, width 112, depth 4, adaLN-zero",
        time="index", inputs={"sample": "x", "time": "t", "label": "y"}, opset=16,
        sampler={"name": "dpm-solver-3", "steps": 20}, count=20000, steps=6000, lr=1e-3, seed=3),
    "uvit": dict(
        network=UViT, schedule=schedule.Vp, parameterization="epsilon", labelled=False,
        architecture="U-ViT, patch 4, width 96, depth 7, long skips, time as a token",
        time="continuous", inputs={"sample": "x", "time": "t"},
        sampler={"name": "dpm-solver-3", "steps": 20}, count=20000, steps=6000, lr=1e-3, seed=4),
    "unet-ddpm-64": dict(
        network=UNetDdpm, schedule=schedule.VpDiscrete, parameterization="epsilon", labelled=False,
        architecture="DDPM U-Net, widths 24-48-72, attention at 8x8 and in the middle",
        time="index", inputs={"sample": "x", "time": "t"},
        sampler={"name": "dpm-solver-3", "steps": 20}, count=64, steps=6000, batch=32, lr=1e-3, seed=5,
        initial="unet-ddpm", focused=True),
}
BATCH = 64  # unless the model says otherwise
EMA = 0.999
LABEL_DROPOUT = 0.15
