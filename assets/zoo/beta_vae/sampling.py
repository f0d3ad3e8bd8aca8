"""Where codes for new pictures are drawn from: the prior, or a Gaussian fitted to the codes of the data."""

import torch

KINDS = ("prior", "diagonal", "full")


class LatentGaussian:
    """A normal distribution of codes, by its mean and the Cholesky factor of its covariance."""

    def __init__(self, mean, factor):
        self.mean = mean
        self.factor = factor

    @classmethod
    def fit(cls, codes, kind):
        size = codes.shape[1]
        if kind == "prior":
            return cls(torch.zeros(size), torch.eye(size))
        if kind == "diagonal":
            return cls(codes.mean(0), torch.diag(codes.std(0)))
        return cls(codes.mean(0), torch.linalg.cholesky(torch.cov(codes.T) + 1e-5 * torch.eye(size)))

    def sample(self, count, generator):
        noise = torch.randn(count, len(self.mean), generator=generator)
        return self.mean + noise @ self.factor.T
