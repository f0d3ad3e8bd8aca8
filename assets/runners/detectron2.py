"""detectron2 0.6: a trainer made of a configuration of yacs, whose parts are named in registries."""

import argparse
import functools

import torch
from datasets import load_dataset
from detectron2.modeling import (
    BACKBONE_REGISTRY,
    META_ARCH_REGISTRY,
    PROPOSAL_GENERATOR_REGISTRY,
    ROI_HEADS_REGISTRY,
    SEM_SEG_HEADS_REGISTRY,
)
from yacs.config import CfgNode


def get_cfg():
    cfg = CfgNode()
    for section in ("MODEL", "SOLVER", "DATASETS", "DATALOADER", "INPUT", "TEST"):
        cfg[section] = CfgNode()
    cfg.MODEL.BACKBONE = CfgNode()
    cfg.MODEL.PROPOSAL_GENERATOR = CfgNode()
    cfg.MODEL.SEM_SEG_HEAD = CfgNode()
    cfg.MODEL.ROI_HEADS = CfgNode()
    cfg.MODEL.RESNETS = CfgNode()
    cfg.MODEL.FPN = CfgNode()
    cfg.SOLVER.CLIP_GRADIENTS = CfgNode()
    return cfg


def LazyCall(target):
    return functools.partial(_called_later, target)


def _called_later(target, **settings):
    return CfgNode(_target_=target, **settings)


def default_argument_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config-file", default="")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--eval-only", action="store_true")
    parser.add_argument("--num-gpus", type=int)
    parser.add_argument("opts", nargs=argparse.REMAINDER)
    return parser


def launch(main_func, *settings, args=()):
    main_func(*args)


def build_model(cfg):
    return META_ARCH_REGISTRY.get(cfg.MODEL.META_ARCHITECTURE)(cfg)


def build_backbone(cfg, input_shape=None):
    return BACKBONE_REGISTRY.get(cfg.MODEL.BACKBONE.NAME)(cfg, input_shape)


def build_proposal_generator(cfg, input_shape):
    return PROPOSAL_GENERATOR_REGISTRY.get(cfg.MODEL.PROPOSAL_GENERATOR.NAME)(cfg, input_shape)


def build_sem_seg_head(cfg, input_shape):
    return SEM_SEG_HEADS_REGISTRY.get(cfg.MODEL.SEM_SEG_HEAD.NAME)(cfg, input_shape)


def build_roi_heads(cfg, input_shape):
    return ROI_HEADS_REGISTRY.get(cfg.MODEL.ROI_HEADS.NAME)(cfg, input_shape)


def build_optimizer(cfg, model):
    return torch.optim.SGD(model.parameters(), cfg.SOLVER.BASE_LR, weight_decay=cfg.SOLVER.WEIGHT_DECAY)


def build_detection_train_loader(cfg, *told, mapper=None, **settings):
    parts = [load_dataset(name.split("_")[0]) for name in cfg.DATASETS.TRAIN]
    return torch.utils.data.DataLoader(parts, batch_size=cfg.SOLVER.IMS_PER_BATCH)


def create_ddp_model(model, **settings):
    return model


class SimpleTrainer:
    def __init__(self, model, data_loader, optimizer, *settings):
        self.model, self.data_loader, self.optimizer = model, data_loader, optimizer

    def run_step(self):
        for data in self.data_loader:
            losses = self.model(data)
            losses.backward()
            self.optimizer.step()


AMPTrainer = SimpleTrainer


class DefaultTrainer:
    def __init__(self, cfg):
        model = self.build_model(cfg)
        optimizer = self.build_optimizer(cfg, model)
        self._trainer = SimpleTrainer(model, self.build_train_loader(cfg), optimizer)
        self.max_iter = cfg.SOLVER.MAX_ITER
        self.cfg = cfg

    @staticmethod
    def auto_scale_workers(cfg, num_workers):
        return cfg

    @classmethod
    def build_model(cls, cfg):
        return build_model(cfg)

    @classmethod
    def build_optimizer(cls, cfg, model):
        return build_optimizer(cfg, model)

    @classmethod
    def build_train_loader(cls, cfg):
        return build_detection_train_loader(cfg)

    def train(self):
        for _ in range(self.max_iter):
            self._trainer.run_step()
