"""A disk that can be filled: a small tmpfs of the test's own."""

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

_PIECE = 64 * 1024


class NoSmallDisk(RuntimeError):
    """This machine lets nobody mount a file system."""

    def __init__(self, said: str) -> None:
        super().__init__(
            "The full-disk tests mount a small tmpfs, and that was refused here; run them as root, in a container with "
            f"CAP_SYS_ADMIN. mount said: {said.strip() or 'nothing'}"
        )


class SmallDisk:
    """A mounted folder with room for so many megabytes."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._megabytes = megabytes
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave not one byte free."""
        with self._filler.open("ab", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(_PIECE))
            except OSError:
                pass
            try:
                while True:
                    filler.write(bytes(1))
            except OSError:
                return

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        size = f"size={self._megabytes}m"
        said = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(self.folder)], capture_output=True, text=True, check=False
        )
        if said.returncode:
            raise NoSmallDisk(said.stderr)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False, env={**os.environ, "LC_ALL": "C"})
