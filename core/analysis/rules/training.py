"""The rules of how a run trains, in the order in which they are asked."""

from core.analysis.program import Rule
from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.details import dropouts, emas, precisions, seeds
from core.analysis.rules.duration import epochs, steps
from core.analysis.rules.optimizer_details import betas, clipping, momenta, schedulers, weight_decays
from core.analysis.rules.optimizers import optimizers
from core.analysis.rules.rates import learning_rates
from core.analysis.rules.settings import settings
from core.analysis.rules.sizes import heads, hidden_sizes, image_sizes, latent_dims
from core.analysis.rules.term_weights import loss_weights

TRAINING: tuple[Rule, ...] = (
    optimizers, learning_rates, batch_sizes, epochs, steps, schedulers, weight_decays, momenta, betas, clipping,
    dropouts, emas, precisions, seeds, image_sizes, latent_dims, hidden_sizes, heads, loss_weights, settings,
)  # fmt: skip
