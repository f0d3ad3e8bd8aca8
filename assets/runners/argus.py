"""argus: a model makes its network, its loss and its optimizer of what `params` names in its tables."""

import torch


def _made(table, told):
    if isinstance(table, dict):
        return table[told[0]](**told[1])
    return table(**told)


def _of_torch(home, table, told):
    if isinstance(told, str):
        told = (told, {})
    if table is not None:
        return _made(table, told)
    return getattr(home, told[0])(**told[1])


class Model:
    nn_module = None
    loss = None
    optimizer = None

    def __init__(self, params):
        self.params = params
        self.nn_module = _made(self.nn_module, params["nn_module"])
        self.loss = _of_torch(torch.nn, self.loss, params["loss"])
        name, told = params["optimizer"]
        self.optimizer = getattr(torch.optim, name)(self.nn_module.parameters(), **told)

    def train_step(self, batch, state):
        input, target = batch
        self.optimizer.zero_grad()
        loss = self.loss(self.nn_module(input), target)
        loss.backward()
        self.optimizer.step()

    def fit(self, train_loader, val_loader=None, max_epochs=None, num_epochs=None):
        for _epoch in range(num_epochs or max_epochs):
            for batch in train_loader:
                self.train_step(batch, None)
