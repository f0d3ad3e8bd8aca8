"""BasicSR 1.4: a run is a file of options that name models, networks, losses and optimizers of registries."""

import torch
import yaml
from basicsr import losses
from basicsr.utils.registry import ARCH_REGISTRY, DATASET_REGISTRY, MODEL_REGISTRY
from torch.utils.data import DataLoader


def train_pipeline(root_path):
    opt = yaml.safe_load(root_path)
    data = opt["datasets"]["train"]
    torch.manual_seed(opt["manual_seed"])
    loader = DataLoader(DATASET_REGISTRY.build(data), batch_size=data["batch_size_per_gpu"], shuffle=True)
    model = MODEL_REGISTRY.get(opt["model_type"])(opt)
    for step in range(opt["train"]["total_iter"]):
        for batch in loader:
            model.feed_data(batch)
            model.optimize_parameters(step)


def build_network(opt):
    return ARCH_REGISTRY.build(opt)


def build_loss(opt):
    kind = opt.pop("type")
    return getattr(losses, kind)(**opt)


class BaseModel:
    def __init__(self, opt):
        self.opt = opt

    def model_to_device(self, net):
        return net

    def get_optimizer(self, kind, params, lr, **settings):
        return getattr(torch.optim, kind)(params, lr=lr, **settings)

    def optimizer_of(self, net, settings):
        kind = settings.pop("type")
        return self.get_optimizer(kind, net.parameters(), **settings)


@MODEL_REGISTRY.register()
class SRModel(BaseModel):
    def __init__(self, opt):
        super().__init__(opt)
        self.net_g = build_network(opt["network_g"])
        self.init_training_settings()

    def init_training_settings(self):
        train = self.opt["train"]
        names = ("pixel_opt", "ldl_opt", "perceptual_opt", "gan_opt")
        self.criteria = [build_loss(train[name]) for name in names if name in train]
        self.setup_optimizers()

    def setup_optimizers(self):
        self.optimizer_g = self.optimizer_of(self.net_g, self.opt["train"]["optim_g"])

    def feed_data(self, data):
        self.lq, self.gt = data["lq"], data["gt"]

    def optimize_parameters(self, step):
        output = self.net_g(self.lq)
        for criterion in self.criteria:
            loss = criterion(output, self.gt)
            loss.backward()
        self.optimizer_g.step()


@MODEL_REGISTRY.register()
class SRGANModel(SRModel):
    def init_training_settings(self):
        self.net_d = build_network(self.opt["network_d"])
        super().init_training_settings()

    def setup_optimizers(self):
        super().setup_optimizers()
        self.optimizer_d = self.optimizer_of(self.net_d, self.opt["train"]["optim_d"])

    def optimize_parameters(self, step):
        super().optimize_parameters(step)
        fake = self.net_d(self.net_g(self.lq))
        fake.backward()
        self.optimizer_d.step()


@MODEL_REGISTRY.register()
class ESRGANModel(SRGANModel):
    pass


@MODEL_REGISTRY.register()
class RealESRGANModel(SRGANModel):
    pass


@MODEL_REGISTRY.register()
class RealESRNetModel(SRModel):
    pass


@MODEL_REGISTRY.register()
class SwinIRModel(SRModel):
    pass
