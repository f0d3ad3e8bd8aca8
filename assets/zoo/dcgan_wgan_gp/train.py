"""DCGAN on digits, trained as a Wasserstein GAN with gradient penalty (Gulrajani et al. 2017).

Beside samples it leaves ways through its latent space, and samples next to the training digits that are nearest to
them: a generator that had learnt the training set by heart would be nearer to it than held-out digits are.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from digits import digits
from figures import nearest, paths_between, save_grid
from networks import Critic, Generator
from torch.autograd import grad
from torch.optim.lr_scheduler import LinearLR


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a folder with MNIST's IDX files; without one, scikit-learn's digits")
    parser.add_argument("--steps", type=int, default=1200, help="generator updates")
    parser.add_argument("--n-critic", type=int, default=3, help="critic updates per generator update")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3, help="falls to zero in a straight line")
    parser.add_argument("--gp-weight", type=float, default=10.0)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--sample-every", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="results")
    return parser.parse_args()


def gradient_penalty(critic, real, fake):
    """How far the critic's slope between real and fake pictures is from one."""
    mix = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)
    slopes = grad(critic(between).sum(), between, create_graph=True)[0]
    return ((slopes.flatten(1).norm(dim=1) - 1) ** 2).mean()


@torch.no_grad()
def draw(generator, noise, step, out):
    """Samples, and the ways from each of eight draws to the next."""
    generator.eval()
    save_grid(generator(noise[:100]), 10, out / f"samples_step_{step:04d}.png")
    ways = paths_between(noise[:8], noise[1:9], steps=12)
    save_grid(generator(ways), 12, out / f"interpolation_step_{step:04d}.png")
    generator.train()


@torch.no_grad()
def compare(generator, noise, training, test, out):
    """Keep many samples, draw the nearest neighbours of ten and say how near all are."""
    samples = generator.eval()(noise)
    distances, neighbours = nearest(samples, training, 7)
    save_grid(torch.cat([samples[:10, None], neighbours[:10]], dim=1).flatten(0, 1), 8, out / "neighbours.png")
    np.save(out / "samples.npy", ((samples[:, 0].cpu() + 1) * 127.5).byte().numpy())
    summary = {
        "sample_to_training": distances[:, 0].median().item(),
        "test_to_training": nearest(test, training, 1)[0].median().item(),
    }
    (out / "nearest_distance.json").write_text(json.dumps(summary, indent=1))


def main():
    args = options()
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    training, test = (pictures.to(device) for pictures in digits(args.data))
    generator = Generator(args.latent_dim, args.channels).to(device)
    critic = Critic(args.channels).to(device)
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=args.lr, betas=(0.0, 0.9))
    optimizer_c = torch.optim.Adam(critic.parameters(), lr=args.lr, betas=(0.0, 0.9))
    schedulers = [LinearLR(optimizer, 1.0, 0.0, total_iters=args.steps) for optimizer in (optimizer_g, optimizer_c)]
    fixed_noise = torch.randn(500, args.latent_dim, device=device)

    def noise():
        return torch.randn(args.batch_size, args.latent_dim, device=device)

    with open(out / "metrics.jsonl", "w") as log:
        for step in range(1, args.steps + 1):
            for _ in range(args.n_critic):
                real = training[torch.randint(len(training), (args.batch_size,), device=device)]
                fake = generator(noise()).detach()
                wasserstein = critic(real).mean() - critic(fake).mean()
                penalty = gradient_penalty(critic, real, fake)
                loss_c = -wasserstein + args.gp_weight * penalty
                optimizer_c.zero_grad()
                loss_c.backward()
                optimizer_c.step()

            loss_g = -critic(generator(noise())).mean()
            optimizer_g.zero_grad()
            loss_g.backward()
            optimizer_g.step()
            for scheduler in schedulers:
                scheduler.step()

            if step % 25 == 0:
                values = {"critic_loss": loss_c, "generator_loss": loss_g, "wasserstein": wasserstein}
                values = {name: round(value.item(), 5) for name, value in values.items()}
                log.write(json.dumps({"step": step, **values, "gradient_penalty": round(penalty.item(), 5)}) + "\n")
            if step % args.sample_every == 0 or step == args.steps:
                draw(generator, fixed_noise, step, out)
                print(f"step {step}: wasserstein {wasserstein.item():.3f}", flush=True)
    compare(generator, fixed_noise, training, test, out)
    torch.save({"generator": generator.state_dict(), "critic": critic.state_dict()}, out / "dcgan.pt")


if __name__ == "__main__":
    main()
