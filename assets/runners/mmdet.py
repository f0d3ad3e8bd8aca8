"""MMDetection 2 and its kin (MMSegmentation 0, MMClassification 0): what is trained of a configuration."""

import torch
from mmengine.registry import DATASETS, MODELS
from torch.utils.data import DataLoader


def build_detector(cfg, train_cfg=None, test_cfg=None):
    return MODELS.build(cfg)


def build_backbone(cfg):
    return MODELS.build(cfg)


build_segmentor = build_classifier = build_posenet = build_model = build_recognizer = build_detector
build_neck = build_head = build_loss = build_backbone


def build_dataset(cfg, default_args=None):
    return DATASETS.build(cfg)


def train_detector(model, dataset, cfg, distributed=False, validate=False, timestamp=None, meta=None, **settings):
    loader = DataLoader(dataset, batch_size=cfg.data.samples_per_gpu)
    told = cfg.optimizer
    kind = told.pop("type")
    optimizer = getattr(torch.optim, kind)(model.parameters(), **told)
    if "max_iters" in cfg.runner:
        for _ in range(cfg.runner.max_iters):
            _pass(model, loader, optimizer)
    else:
        for _ in range(cfg.runner.max_epochs):
            _pass(model, loader, optimizer)


def _pass(model, loader, optimizer):
    for data in loader:
        losses = model.forward_train(**data)
        losses.backward()
        optimizer.step()


train_segmentor = train_model = train_detector
