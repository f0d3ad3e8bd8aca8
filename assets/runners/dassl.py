"""Dassl 0.6: a trainer, which the command line names, takes its data and its optimizer from a configuration of yacs."""

import torch
from datasets import load_dataset
from torch.utils.data import DataLoader
from yacs.config import CfgNode


def get_cfg_default():
    cfg = CfgNode()
    for section in ("DATASET", "DATALOADER", "INPUT", "MODEL", "OPTIM", "TRAIN", "TEST", "TRAINER"):
        cfg[section] = CfgNode()
    cfg.DATALOADER.TRAIN_X = CfgNode()
    cfg.MODEL.BACKBONE = CfgNode()
    return cfg


def build_trainer(cfg):
    return SimpleTrainer(cfg)


class SimpleTrainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.loader = DataLoader(load_dataset(cfg.DATASET.NAME), batch_size=cfg.DATALOADER.TRAIN_X.BATCH_SIZE)
        self.optimizer = getattr(torch.optim, cfg.OPTIM.NAME.upper())([], lr=cfg.OPTIM.LR)

    def train(self):
        for _ in range(self.cfg.OPTIM.MAX_EPOCH):
            for _ in self.loader:
                self.optimizer.step()
