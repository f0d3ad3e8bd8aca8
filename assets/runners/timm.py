"""timm 1.0: what it reads of options handed over whole: `create_optimizer_v2(model, **optimizer_kwargs(args))`."""


def optimizer_kwargs(cfg):
    kwargs = {"opt": cfg.opt, "lr": cfg.lr, "weight_decay": cfg.weight_decay, "momentum": cfg.momentum}
    if cfg.opt_betas is not None:
        kwargs["betas"] = cfg.opt_betas
    return kwargs


def scheduler_kwargs(cfg, decreasing_metric=None):
    return {"sched": cfg.sched, "num_epochs": cfg.epochs, "min_lr": cfg.min_lr, "warmup_epochs": cfg.warmup_epochs}
