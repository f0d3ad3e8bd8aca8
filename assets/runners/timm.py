"""timm 0.3 to 1.0: what it reads of options handed over whole, `create_optimizer(args, model)`, and how it groups
weights."""

from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2


def optimizer_kwargs(cfg):
    kwargs = {"opt": cfg.opt, "lr": cfg.lr, "weight_decay": cfg.weight_decay, "momentum": cfg.momentum}
    if cfg.opt_betas is not None:
        kwargs["betas"] = cfg.opt_betas
    return kwargs


def create_optimizer(args, model, filter_bias_and_bn=True):
    return create_optimizer_v2(model, **optimizer_kwargs(args))


def scheduler_kwargs(cfg, decreasing_metric=None):
    return {"sched": cfg.sched, "num_epochs": cfg.epochs, "min_lr": cfg.min_lr, "warmup_epochs": cfg.warmup_epochs}


def create_scheduler(args, optimizer):
    return create_scheduler_v2(optimizer, **scheduler_kwargs(args)), args.epochs


def param_groups_weight_decay(model, weight_decay=1e-5, no_weight_decay_list=()):
    return [{"params": model.biases(), "weight_decay": 0.0}, {"params": model.weights(), "weight_decay": weight_decay}]


add_weight_decay = param_groups_weight_decay
