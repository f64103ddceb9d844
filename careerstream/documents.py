"""Documents of strangers made text, each in a process of its own that is given no more than it needs."""

import asyncio
import sys
from pathlib import Path

from api.errors import UnreadableDocument

WALL_SECONDS = 20.0
AT_A_TIME = 2
_READER = Path(__file__).parent / "document_reader.py"
_REFUSED = 3


class SandboxedDocuments:
    """Reads PDF, DOCX and plain text. At most AT_A_TIME documents are open at once; the others wait."""

    def __init__(self, *, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._room = asyncio.Semaphore(AT_A_TIME)

    async def text_of(self, document: bytes) -> str:
        """Answer the text, or raise UnreadableDocument; what the reader does is bounded in time, memory and output."""
        async with self._room:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(_READER),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={},
            )
            try:
                async with asyncio.timeout(self._wall_seconds):
                    text, complaint = await process.communicate(document)
            except TimeoutError:
                raise UnreadableDocument("the document takes longer to read than a résumé may") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode == 0:
            return text.decode()
        # Its last line is ours; before it a parser may have grumbled.
        told = (complaint.decode("utf-8", "replace").splitlines() or [""])[-1][:200]
        reason = told if process.returncode == _REFUSED else "takes more time or memory than a résumé may"
        raise UnreadableDocument(f"the document {reason}")
