"""BasicSR 1.4: a run is a file of options that name networks, losses and optimizers of registries."""

import torch
import yaml
from basicsr import losses
from basicsr.utils.registry import ARCH_REGISTRY, DATASET_REGISTRY
from torch.utils.data import DataLoader


def train_pipeline(root_path):
    opt = yaml.safe_load(root_path)
    train = opt["train"]
    data = opt["datasets"]["train"]
    torch.manual_seed(opt["manual_seed"])
    loader = DataLoader(DATASET_REGISTRY.build(data), batch_size=data["batch_size_per_gpu"], shuffle=True)
    net_g = ARCH_REGISTRY.build(opt["network_g"])
    optimizer_g = _optimizer(net_g, train["optim_g"])
    criteria = [_loss(train[name]) for name in ("pixel_opt", "perceptual_opt", "gan_opt", "ldl_opt") if name in train]
    if "network_d" in opt:
        net_d = ARCH_REGISTRY.build(opt["network_d"])
        optimizer_d = _optimizer(net_d, train["optim_d"])
    for _ in range(train["total_iter"]):
        for batch in loader:
            output = net_g(batch["lq"])
            for criterion in criteria:
                loss = criterion(output, batch["gt"])
                loss.backward()
            optimizer_g.step()
            if "network_d" in opt:
                net_d(output)
                optimizer_d.step()


def _optimizer(network, settings):
    kind = settings.pop("type")
    return getattr(torch.optim, kind)(network.parameters(), **settings)


def _loss(settings):
    kind = settings.pop("type")
    return getattr(losses, kind)(**settings)
