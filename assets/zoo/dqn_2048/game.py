"""2048 on many boards at once. A board is 16 exponents, row by row: 0 is empty, 1 the tile 2, 11 the tile 2048.

A row of four exponents below 16 is a number of 16 bits, and all moves of a row stand in a table.
"""

import numpy as np

LEFT, RIGHT, UP, DOWN = range(4)
WEIGHTS = 16 ** np.arange(4)


def _slide(row):
    """A row pushed to the left and the points gained: equal neighbours merge once."""
    tiles = [tile for tile in row if tile]
    merged, points = [], 0
    while tiles:
        tile = tiles.pop(0)
        if tiles and tiles[0] == tile and tile < 15:
            tiles.pop(0)
            tile += 1
            points += 2**tile
        merged.append(tile)
    return merged + [0] * (4 - len(merged)), points


def _tables():
    rows = np.arange(16**4)[:, None] // WEIGHTS % 16
    slid = [_slide(row) for row in rows.tolist()]
    return np.array([row for row, _ in slid], dtype=np.int8), np.array([points for _, points in slid], dtype=np.float32)


SLID, POINTS = _tables()


def move(boards, action):
    """All boards (n, 4, 4) moved one way: the boards after it and the points gained; a board may stay as it is."""
    turned = boards.transpose(0, 2, 1) if action in (UP, DOWN) else boards
    turned = turned[:, :, ::-1] if action in (RIGHT, DOWN) else turned
    rows = turned.astype(np.int64) @ WEIGHTS
    after, points = SLID[rows], POINTS[rows].sum(1)
    after = after[:, :, ::-1] if action in (RIGHT, DOWN) else after
    return (after.transpose(0, 2, 1) if action in (UP, DOWN) else after), points


def moves(boards):
    """Every move of every board: boards after it (4, n, 4, 4), points (4, n), and whether it is allowed (4, n)."""
    done = [move(boards, action) for action in range(4)]
    after = np.stack([boards_after for boards_after, _ in done])
    return after, np.stack([points for _, points in done]), (after != boards).any((2, 3))


def add_tile(boards, rng):
    """A 2, or once in ten a 4, on a random empty square of each board, in place."""
    chance = rng.random(boards.shape) * (boards == 0)
    squares = chance.reshape(len(boards), 16).argmax(1)
    boards.reshape(len(boards), 16)[np.arange(len(boards)), squares] = np.where(rng.random(len(boards)) < 0.9, 1, 2)


def new_boards(count, rng):
    boards = np.zeros((count, 4, 4), dtype=np.int8)
    add_tile(boards, rng)
    add_tile(boards, rng)
    return boards
