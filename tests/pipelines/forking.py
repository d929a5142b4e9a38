"""Processes of our commands, forked from one that has already imported what they import first.

Depends on Unix. To import dlt takes more than a second, and most commands of these tests less than
that besides. A forked process has nothing of the test's: its variables, folder and arguments are
those given. No module of `pipelines` is imported before it forks, and none that reads its
surroundings when it is imported. That the commands start by themselves is tested elsewhere.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
SERVER = "from tests.pipelines.forking import serve; exec(serve())"
STATUS = struct.Struct("!i")
READ_AT_THE_START = ("PYTHON", "LANG", "LC_", "LD_")
"""Variables that a process reads before its first line: with them it has to start by itself."""


class Forked:
    """A process that was started; what it writes goes into files that have no name."""

    def __init__(self, code: str, arguments: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.returncode: int | None = None
        self._out, self._err = (tempfile.TemporaryFile("w+") for _ in range(2))  # noqa: SIM115
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_server())
        job = {"code": code, "arguments": arguments, "cwd": str(cwd), "environment": env}
        socket.send_fds(self._line, [b"!"], [self._out.fileno(), self._err.fileno()])
        self._line.sendall(json.dumps(job).encode() + b"\n")
        self.pid = self._hear()

    def poll(self) -> int | None:
        """How it ended, if it has."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                self._line.setblocking(False)
                self.returncode = self._hear()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """By SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end: what it wrote."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = self._hear()
            except TimeoutError:
                self.kill()
                raise
        return _whole(self._out), _whole(self._err)

    def _hear(self) -> int:
        return int(STATUS.unpack(self._line.recv(STATUS.size, socket.MSG_WAITALL))[0])


def can_fork(environment: dict[str, str]) -> bool:
    """Whether a process that has these variables may be forked."""
    own = {"PYTHONPATH": str(ROOT)}
    return not any(
        name.startswith(READ_AT_THE_START) and own.get(name, os.environ.get(name)) != value
        for name, value in environment.items()
    )


def _whole(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


@cache
def _server() -> str:
    """Where the process listens that forks; it ends with this one."""
    place = f"{tempfile.mkdtemp(prefix='fork-')}/line"
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, place],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(Path(place).parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    _kept.append(process)
    return place


_kept: list[subprocess.Popen[bytes]] = []


# --- in the process that forks -------------------------------------------------------------------


def serve() -> Any:
    """Fork for each job that comes; in the forked process, give its code."""
    import_what_commands_import_first()
    assert (threading.active_count(), _contexts_of_dlt()) == (1, [{}])
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(sys.argv[1])
    listening.listen()
    told, tell = os.pipe()
    for end in (told, tell):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    os.write(1, b"ready\n")
    lines: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as waiting:
        for each in (listening, told, 0):
            waiting.register(each, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in waiting.select()]
            if told in ready:
                os.read(told, 4096)
                _bury(lines)
            if listening in ready:
                line, _ = listening.accept()
                job, files = _job(line)
                pid = os.fork()
                if not pid:
                    break
                lines[pid] = line
                line.sendall(STATUS.pack(pid))
                for file in files:
                    os.close(file)
            if 0 in ready:
                shutil.rmtree(Path(sys.argv[1]).parent)
                sys.exit()
    for each in (listening, line, *lines.values()):
        each.close()
    return _begin(job, files)


def import_what_commands_import_first() -> None:
    """What `COMMAND` imports before anything else; DuckDB's library does not outlive a fork."""
    import psycopg2  # noqa: F401

    import sources.sendcloud_support  # noqa: F401

    assert "duckdb" not in sys.modules


def _contexts_of_dlt() -> list[object]:
    """What dlt found in its surroundings so far."""
    from dlt.common.configuration.container import Container

    return [contexts for contexts, _ in Container().thread_contexts.values()]


def _job(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    _, files, _, _ = socket.recv_fds(line, 1, 2)
    with line.makefile("rb") as lines:
        return json.loads(lines.readline()), files


def _bury(lines: dict[int, socket.socket]) -> None:
    """Tell how each ended that has."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            with lines.pop(ended[0]) as line, suppress(OSError):
                line.sendall(STATUS.pack(os.waitstatus_to_exitcode(ended[1])))


def _begin(job: dict[str, Any], files: list[int]) -> Any:
    """Become the process that was asked for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, file in enumerate(files, 1):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(job["environment"])
    time.tzset()
    os.chdir(job["cwd"])
    sys.argv[1:] = job["arguments"]
    return compile(job["code"], "<string>", "exec")
