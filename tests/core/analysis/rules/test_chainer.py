"""Chainer trains by a trainer that runs an updater of the user's."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

FILES = {
    "train.py": """
        import argparse
        import chainer
        import chainer.links as L
        from chainer import training
        from updating import Updater
        class Maker(chainer.Chain):
            def __init__(self):
                super().__init__()
                with self.init_scope():
                    self.body = L.Deconvolution2D(8, 1, 4)
            def __call__(self, x):
                return self.body(x)
        class Critic(chainer.Chain):
            def __init__(self):
                super().__init__()
                with self.init_scope():
                    self.body = L.Convolution2D(1, 8, 4)
            def __call__(self, x):
                return self.body(x)
        def make_optimizer(model, rate):
            optimizer = chainer.optimizers.Adam(alpha=rate)
            optimizer.setup(model)
            return optimizer
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--batch", type=int, default=16)
            parser.add_argument("--gpu", type=int, default=0)
            args = parser.parse_args()
            maker, critic = Maker(), Critic()
            if args.gpu >= 0:
                chainer.cuda.get_device_from_id(args.gpu).use()
            train, _ = chainer.datasets.get_cifar10()
            batches = chainer.iterators.SerialIterator(train, args.batch)
            opts = {"gen": make_optimizer(maker, 2e-4), "dis": make_optimizer(critic, 2e-4)}
            updater = Updater(models=(maker, critic), iterator=batches, optimizer=opts)
            trainer = training.Trainer(updater, (900, "iteration"))
            trainer.run()
        if __name__ == "__main__":
            main()
    """,
    "updating.py": """
        import chainer
        import chainer.functions as F
        class Updater(chainer.training.StandardUpdater):
            def __init__(self, *args, **kwargs):
                self.gen, self.dis = kwargs.pop("models")
                super().__init__(*args, **kwargs)
            def update_core(self):
                gen_optimizer, dis_optimizer = self.get_optimizer("gen"), self.get_optimizer("dis")
                x_fake = self.gen(self.gen.noise(16))
                real, fake = self.dis(self.get_iterator("main").next()), self.dis(x_fake)
                F.sum(F.softplus(-fake)).backward()
                gen_optimizer.update()
                (F.sum(F.softplus(-real)) + F.sum(F.softplus(fake))).backward()
                dis_optimizer.update()
    """,
}


def test_an_updater_that_a_trainer_runs(tmp_path: Path) -> None:
    found = analysed(tmp_path, FILES)
    assert values(found, "framework") == ["Chainer"]
    assert values(found, "architecture")[0] == "DCGAN"
    assert values(found, "datasets") == ["CIFAR-10"]
    assert values(found, "batch_size") == [16]
    assert values(found, "learning_rate") == [2e-4]
    assert values(found, "hardware") == ["cuda"]


WORDS = """
    import chainer
    import chainer.functions as F
    import chainer.links as L

    class Net(chainer.Chain):
        def __init__(self, count):
            super().__init__()
            with self.init_scope():
                self.words, self.turn, self.out = L.EmbedID(count, 8), L.LSTM(8, 8), L.Linear(8, count)

        def __call__(self, x):
            return self.out(self.turn(self.words(x)))

    train, test, last = chainer.datasets.get_ptb_words()
    net = L.Classifier(Net(max(train) + 1))
    optimizer = chainer.optimizers.SGD(lr=1.0)
    optimizer.setup(net)
    updater = chainer.training.StandardUpdater(chainer.iterators.SerialIterator(train, 20), optimizer)
    chainer.training.Trainer(updater, (9, "epoch")).run()
"""


def test_words_of_a_treebank_are_continued(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": WORDS})
    assert values(found, "datasets") == ["Penn Treebank"]
    assert values(found, "task") == ["language modelling"]


DIGITS = """
    import chainer
    import chainer.links as L

    class Net(chainer.Chain):
        def __init__(self):
            super().__init__(first=L.Linear(None, 64), last=L.Linear(None, 10))

        def __call__(self, x):
            return self.last(chainer.functions.relu(self.first(x)))

    train, test = chainer.datasets.get_mnist()
    net = L.Classifier(Net())
    optimizer = chainer.optimizers.SGD(lr=1.0)
    optimizer.setup(net)
    updater = chainer.training.StandardUpdater(chainer.iterators.SerialIterator(train, 20), optimizer)
    chainer.training.Trainer(updater, (9, "epoch")).run()
"""


def test_what_a_classifier_is_put_around_tells_kinds(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": DIGITS}), "task") == ["image classification"]
