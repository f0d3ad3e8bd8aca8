"""Options of the command line: what their defaults are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import lr, program

OPTIONS = {
    "argparse": """
        import argparse, torch
        parent = argparse.ArgumentParser(add_help=False)
        parent.add_argument('--learning-rate', '-l', type=float, default=0.1, help='rate')
        parser = argparse.ArgumentParser(parents=[parent])
        group = parser.add_argument_group('more')
        group.add_argument('--rate', dest='lr', default='0.2', type=float)
        args = parser.parse_args()
        torch.optim.Adam([], lr=args.lr)
        """,
    "argparse, its method under a shorter name": """
        import argparse, torch
        def main():
            parser = argparse.ArgumentParser()
            arg = parser.add_argument
            arg('mode', choices=['train', 'test'])
            arg('--lr', type=float, default=0.2)
            args = parser.parse_args()
            torch.optim.Adam([], lr=args.lr)
        main()
        """,
    "click": """
        import click, torch
        @click.command()
        @click.option('--lr', default=0.2)
        def main(lr):
            torch.optim.Adam([], lr=lr)
        if __name__ == '__main__':
            main()
        """,
    "typer": """
        import typer, torch
        def main(lr: float = typer.Option(0.2)):
            torch.optim.Adam([], lr=lr)
        typer.run(main)
        """,
    "argparse sub-commands": """
        import argparse, torch
        def train(args):
            torch.optim.Adam([], lr=args.lr)
        def evaluate(args):
            torch.optim.SGD([], lr=args.lr)
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(dest='command', required=True)
        training = commands.add_parser('train')
        training.add_argument('--lr', type=float, default=0.2)
        training.set_defaults(run=train)
        evaluation = commands.add_parser('eval')
        evaluation.add_argument('--lr', type=float, default=0.1)
        evaluation.set_defaults(run=evaluate)
        args = parser.parse_args()
        assert args.command == 'train'
        args.run(args)
        """,
    "click group": """
        import click, torch
        @click.group()
        def cli():
            pass
        @cli.command()
        @click.option('--lr', default=0.1)
        def evaluate(lr):
            torch.optim.Adam([], lr=lr)
        @cli.command()
        @click.option('--lr', default=0.2)
        def train(lr):
            torch.optim.Adam([], lr=lr)
        if __name__ == '__main__':
            cli()
        """,
    "typer app": """
        import typer, torch
        app = typer.Typer()
        @app.command()
        def main(lr: float = 0.2):
            torch.optim.Adam([], lr=lr)
        if __name__ == '__main__':
            app()
        """,
    "absl": """
        import torch
        from absl import app, flags
        flags.DEFINE_float('lr', 0.2, 'rate')
        FLAGS = flags.FLAGS
        def main(_):
            torch.optim.Adam([], lr=FLAGS.lr)
        app.run(main)
        """,
    "dataclass": """
        import tyro, torch
        from dataclasses import dataclass, field
        @dataclass
        class Base:
            lr: float = 0.1
        @dataclass
        class Args(Base):
            lr: float = 0.2
        args = tyro.cli(Args)
        torch.optim.Adam([], lr=args.lr)
        """,
    "config dict": """
        import ml_collections, torch
        def get_config():
            config = ml_collections.ConfigDict()
            config.optim = ml_collections.ConfigDict()
            config.optim.lr = 0.2
            return config
        torch.optim.Adam([], lr=get_config().optim.lr)
        """,
    "hugging face": """
        import torch
        from dataclasses import dataclass, field
        from transformers import HfArgumentParser
        @dataclass
        class Args:
            lr: float = field(default=0.2)
        args, = HfArgumentParser((Args,)).parse_args_into_dataclasses()
        torch.optim.Adam([], lr=args.lr)
        """,
    "fire": """
        import fire, torch
        def main(lr=0.2):
            torch.optim.Adam([], lr=lr)
        fire.Fire(main)
        """,
}


@pytest.mark.parametrize("system", OPTIONS)
def test_options_give_their_defaults(tmp_path: Path, system: str) -> None:
    assert lr(tmp_path, {"train.py": OPTIONS[system]}).value == 0.2


def test_options_are_told(tmp_path: Path) -> None:
    followed = program(tmp_path, {"train.py": OPTIONS["argparse"]})
    assert [(option.name, option.value.value) for option in followed.options] == [("learning_rate", 0.1), ("lr", 0.2)]
