"""A DQN agent learns 2048 by playing many boards at once; compared with random play at the end.

Run it as `python train.py | tee train.log`.
"""

import argparse
import copy
import os

import numpy as np
import torch
import torch.nn.functional as F
from agent import QNetwork, ReplayBuffer
from game import add_tile, moves, new_boards
from PIL import Image

parser = argparse.ArgumentParser(description="DQN for 2048")
parser.add_argument("--total-steps", type=int, default=2500, help="moves on each board, and updates")
parser.add_argument("--num-envs", type=int, default=64)
parser.add_argument("--batch-size", type=int, default=256)
parser.add_argument("--learning-rate", type=float, default=1e-3)
parser.add_argument("--gamma", type=float, default=0.98)
parser.add_argument("--buffer-size", type=int, default=100000)
parser.add_argument("--learning-starts", type=int, default=50)
parser.add_argument("--target-update", type=int, default=250, help="updates between two copies to the target network")
parser.add_argument("--exploration-fraction", type=float, default=0.3)
parser.add_argument("--final-epsilon", type=float, default=0.02)
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--eval-games", type=int, default=200)
parser.add_argument("--seed", type=int, default=0)


def choose(q_network, boards, allowed, epsilon, rng):
    """The best allowed move of each board, now and then a random one."""
    with torch.no_grad():
        values = q_network(torch.from_numpy(boards)).numpy()
    by_chance = rng.random(len(boards)) < epsilon
    values[by_chance] = rng.random((by_chance.sum(), 4))
    return np.where(allowed, values, -np.inf).argmax(1)


def reward(points):
    """The logarithm keeps late merges, thousands of points, within the reach of a network."""
    return np.log2(1 + points) / 10


def play(q_network, games, epsilon, seed):
    """Whole games: their scores, their largest tiles and their last boards."""
    rng = np.random.default_rng(seed)
    boards, scores, playing = new_boards(games, rng), np.zeros(games), np.ones(games, dtype=bool)
    while True:
        after, points, allowed = moves(boards)
        playing = allowed.any(0)
        if not playing.any():
            return scores, 2 ** boards.max((1, 2)).astype(int), boards
        action, every = choose(q_network, boards, allowed.T, epsilon, rng), np.arange(games)
        scores[playing] += points[action, every][playing]
        moved = after[action, every][playing].copy()
        add_tile(moved, rng)
        boards[playing] = moved


def draw(boards, path, columns=8):
    """Last boards, brighter for larger tiles."""
    rows = len(boards) // columns
    tiles = np.pad(boards.astype(np.float32) * 22, ((0, 0), (1, 1), (1, 1)), constant_values=110)
    grid = tiles.reshape(rows, columns, 6, 6).transpose(0, 2, 1, 3).reshape(rows * 6, columns * 6)
    Image.fromarray(grid.astype(np.uint8)).resize((columns * 48, rows * 48), Image.NEAREST).save(path)


def q_loss(q_network, target_network, transitions, gamma):
    """Double DQN: the network chooses the next move, the older copy of it says what that is worth."""
    boards, actions, rewards, next_boards, next_allowed = transitions
    with torch.no_grad():
        choice = q_network(next_boards).masked_fill(~next_allowed, -torch.inf).argmax(1, keepdim=True)
        worth = target_network(next_boards).gather(1, choice)[:, 0] * next_allowed.any(1)
    values = q_network(boards).gather(1, actions[:, None])[:, 0]
    return F.smooth_l1_loss(values, rewards + gamma * worth)


def main():
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    os.makedirs("boards", exist_ok=True)
    q_network = QNetwork(args.hidden)
    target_network = copy.deepcopy(q_network)
    optimizer = torch.optim.Adam(q_network.parameters(), lr=args.learning_rate)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, args.total_steps)
    memory = ReplayBuffer(args.buffer_size)
    boards = new_boards(args.num_envs, rng)
    after, points, allowed = moves(boards)
    scores, finished, every = np.zeros(args.num_envs), [], np.arange(args.num_envs)
    for step in range(1, args.total_steps + 1):
        epsilon = max(args.final_epsilon, 1 - step / (args.exploration_fraction * args.total_steps))
        action = choose(q_network, boards, allowed.T, epsilon, rng)
        gained, next_boards = points[action, every], after[action, every].copy()
        add_tile(next_boards, rng)
        after, points, allowed = moves(next_boards)
        memory.add(boards, action, reward(gained), next_boards.copy(), allowed.T)
        boards, scores = next_boards, scores + gained
        over = ~allowed.any(0)
        if over.any():
            finished.extend(scores[over])
            scores[over] = 0
            boards[over] = new_boards(over.sum(), rng)
            after, points, allowed = moves(boards)
        if step >= args.learning_starts:
            loss = q_loss(q_network, target_network, memory.sample(args.batch_size, rng), args.gamma)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(q_network.parameters(), 10.0)
            optimizer.step()
            scheduler.step()
        if step % args.target_update == 0:
            target_network.load_state_dict(q_network.state_dict())
        if step % 250 == 0 and finished:
            recent = np.mean(finished[-200:])
            print(f"step {step} score: {recent:.1f} loss: {loss.item():.4f} epsilon: {epsilon:.3f}", flush=True)
        if step % 500 == 0 or step == args.total_steps:
            draw(play(q_network, 32, 0.0, args.seed)[2], f"boards/step_{step:05d}.png")
    for name, chance in (("random", 1.0), ("dqn", 0.0)):
        scores, largest, _ = play(q_network, args.eval_games, chance, args.seed)
        print(f"{name} mean_score: {scores.mean():.1f} mean_tile: {largest.mean():.1f} largest_tile: {largest.max()}")
    torch.save(q_network.state_dict(), "dqn.pt")


if __name__ == "__main__":
    main()
