"""Run one command, and see to it that the command does not outlive the process that asked for it.

Started as a script, with nothing but the standard library, so that it is up in a few milliseconds:

    python -I -S leash.py PARENT_PID COMMAND [ARGUMENT ...]

It writes the command's process id as its first line, hands the command's output on to its own standard error, and
ends with the command's status. When standard input closes or the parent is gone, it kills the command's whole group.
"""

import os
import select
import signal
import subprocess
import sys
import threading

# The pipe tells at once. The parent's id is asked as well, for a grandchild may hold the other end of the pipe open.
_LOOK_EVERY_S = 0.5


def main(parent: int, command: list[str]) -> int:
    """Answer the command's exit status, in the shell's way: 128 and the signal's number for a killed one."""
    for unheeded in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(unheeded, _stay)
    # Its own group: a pause has to stop the server, and not the leash that may have to kill it.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, process_group=0)
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.close()
    threading.Thread(target=_watch, args=(parent, child.pid), daemon=True).start()
    status = child.wait()
    return status if status >= 0 else 128 - status


def _watch(parent: int, group: int) -> None:
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], _LOOK_EVERY_S)
        if readable and not os.read(0, 1):
            break
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _stay(_number: int, _frame: object) -> None:
    """Not SIG_IGN, which the command would inherit."""


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
