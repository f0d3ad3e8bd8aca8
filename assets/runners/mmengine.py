"""MMEngine 0.10: a runner made of a configuration, whose parts are named in registries."""

import torch
from mmengine.registry import DATASETS, MODELS
from torch.utils.data import DataLoader


class Runner:
    def __init__(self, cfg):
        self.cfg = cfg

    @classmethod
    def from_cfg(cls, cfg):
        return cls(cfg)

    @classmethod
    def build_from_cfg(cls, cfg):
        return cls(cfg)

    def train(self):
        cfg = self.cfg
        if "randomness" in cfg:
            torch.manual_seed(cfg.randomness.seed)
        model = MODELS.build(cfg.model)
        loader = DataLoader(DATASETS.build(cfg.train_dataloader.dataset), batch_size=cfg.train_dataloader.batch_size)
        settings = cfg.optim_wrapper.optimizer
        kind = settings.pop("type")
        optimizer = getattr(torch.optim, kind)(model.parameters(), **settings)
        if "max_epochs" in cfg.train_cfg:
            for _ in range(cfg.train_cfg.max_epochs):
                self._pass(model, loader, optimizer)
        else:
            for _ in range(cfg.train_cfg.max_iters):
                self._pass(model, loader, optimizer)

    def _pass(self, model, loader, optimizer):
        for data in loader:
            losses = model.loss(data, data)
            losses.backward()
            optimizer.step()
