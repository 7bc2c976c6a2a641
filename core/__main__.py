"""``python -m core train | compare | predict | runs | export | import``: the same work without a browser."""

from __future__ import annotations

import argparse
import sys

from core.errors import UserError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 only when it did what was asked."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UserError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        print(f"A file or folder could not be used ({error.strerror or error}){place}.", file=sys.stderr)
    except Exception as error:
        print(f"Something unexpected went wrong ({type(error).__name__}: {str(error)[:200]}).", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    from core.cli import compare, predict, project, runs, train

    words = "Train and use neural networks on tables and pictures."
    parser = argparse.ArgumentParser(prog="python -m core", description=words)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (train, compare, predict, runs, project):
        module.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
