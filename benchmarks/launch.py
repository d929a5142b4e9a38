"""Starts one command and tells what it cost: `python benchmarks/launch.py COMMAND...`.

Depends on nothing. A process counts as its own the memory of the one that started it, until its
first own instruction; so it is started by this small one, not by the one that holds the account.
Prints the command's process id on one line, and when it ended `exit code, CPU seconds, KiB`.
"""

import os
import sys


def launch(command: list[str]) -> None:
    """Run the command with its output dropped, its errors on ours, and print its cost."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
    print(process, flush=True)
    _, status, used = os.wait4(process, 0)
    code = os.waitstatus_to_exitcode(status)
    print(code, used.ru_utime + used.ru_stime, used.ru_maxrss, flush=True)


if __name__ == "__main__":
    launch(sys.argv[1:])
