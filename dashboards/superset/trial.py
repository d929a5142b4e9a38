"""`make superset`: a Superset on this machine with dashboards of ours in it, to look at.

Runs where Superset is (`packages.lock`). Depends on Superset's own commands. Promises to listen on
this machine only, to tell nobody, and to keep all it has in one folder: its database, its secret
key and the password of the user admin, which are made at the first start. For colleagues set up a
Superset as its own guide says, and import the bundle there.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONFIGURATION = Path(__file__).with_name("trial_configuration.py")
ADMIN = "admin"


def main() -> None:
    """Set up, import the bundles, and serve until interrupted."""
    options = _options().parse_args()
    password = prepare(options.folder)
    app = set_up(options.bundles, password)
    address = f"http://127.0.0.1:{options.port}"
    sys.stdout.write(
        f"{address}/dashboard/list/ as {ADMIN}, password {password}; Ctrl+C ends it.\n"
    )
    sys.stdout.flush()
    serve(app, options.port)


def prepare(folder: Path) -> str:
    """Name folder and configuration to Superset; gives the password of the user admin."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ |= {
        "SUPERSET_HOME": str(folder.absolute()),
        "SUPERSET_CONFIG_PATH": str(CONFIGURATION),
        "TRIAL_SECRET_KEY": kept_secret(folder / "secret_key"),
        "SCARF_ANALYTICS": "false",
        "FLASK_APP": "superset",
    }
    return kept_secret(folder / "password")


def kept_secret(file: Path) -> str:
    """The secret in a file, made when there is none yet."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def set_up(bundles: Sequence[Path], password: str) -> Any:
    """Superset's app after its own commands made its database and imported the bundles."""
    from superset.app import create_app

    app = create_app()
    _command(app, "db", "upgrade")
    _speak_again()
    named = {"username": ADMIN, "firstname": "A", "lastname": "Admin", "email": "a@example.com"}
    account = [part for name, value in named.items() for part in (f"--{name}", value)]
    _command(app, "fab", "create-admin", *account, "--password", password)
    _command(app, "init")
    for bundle in bundles:
        _command(app, "import-dashboards", "--path", str(bundle), "--username", ADMIN)
    return app


def _speak_again() -> None:
    """The upgrade takes all logs for itself, and in them Superset tells why an import failed."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, force=True)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).disabled = False


def serve(app: Any, port: int) -> None:
    """Answer on this machine until interrupted."""
    os.environ.pop("FLASK_RUN_FROM_CLI", None)  # set by the commands; with it nothing is served
    app.run(host="127.0.0.1", port=port, threaded=True, use_reloader=False)


def _command(app: Any, *words: str) -> None:
    from superset.cli.main import superset

    done = app.test_cli_runner().invoke(superset, words)
    if done.exit_code:
        raise SystemExit(f"superset {' '.join(words[:2])}: {done.output[-2000:]}{done.exception}")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboards.superset.trial")
    told = "what python -m dashboards.superset wrote"
    parser.add_argument("bundles", type=Path, nargs="+", metavar="bundle", help=told)
    parser.add_argument("--folder", type=Path, default=Path(".superset"), help="(%(default)s)")
    parser.add_argument("--port", type=int, default=8088, help="(%(default)s)")
    return parser


if __name__ == "__main__":
    main()
