"""Read many objects of git with one process, without looking at more than is asked for."""

from __future__ import annotations

from sealring.errors import FileAccess, GitError
from sealring.git.run import command, environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from subprocess import Popen
    from typing import IO

# Requests that may wait for an answer: 256 object ids of 64 characters fit into the smallest pipe, so that
# neither side ever waits for the other.
_WINDOW = 60


class ObjectReader:
    """One `git cat-file --batch`, started at the first question and ended by `close`."""

    def __init__(self, root: str) -> None:
        """Name a directory of the repository."""
        self.root = root
        self.count = 0
        self._process: Popen[bytes] | None = None

    def blob(self, object_id: str, name: str, limit: int | None = None) -> bytes:
        """Return the content of one blob.

        Args:
            name: how messages name it.
            limit: bytes; one more is refused.
        Raises:
            FileAccess: it is larger than the limit.
            GitError: git does not have it.
        """
        ((_name, data),) = self.blobs([(name, object_id)], limit)
        if isinstance(data, FileAccess):
            raise data
        return data

    def blobs(
        self, wanted: Iterable[tuple[str, str]], limit: int | None = None
    ) -> Iterator[tuple[str, bytes | FileAccess]]:
        """Yield name and content of many blobs, in order.

        Args:
            wanted: (name, object id) pairs.
            limit: bytes; an error stands for what is larger.
        """
        asked: list[tuple[str, str]] = []
        for pair in wanted:
            asked.append(pair)
            if len(asked) == _WINDOW:
                yield from self._answers(asked, limit)
                asked = []
        yield from self._answers(asked, limit)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            process.wait()

    def __enter__(self) -> ObjectReader:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _answers(
        self, asked: list[tuple[str, str]], limit: int | None
    ) -> Iterator[tuple[str, bytes | FileAccess]]:
        if not asked:
            return
        stdin, stdout = self._pipes()
        try:
            stdin.write("".join(f"{object_id}\n" for _name, object_id in asked).encode("ascii"))
            stdin.flush()
        except OSError:
            raise self._failed(asked[0][0]) from None
        answers = [(name, self._answer(stdout, name, limit)) for name, _object_id in asked]
        self.count += len(answers)
        yield from answers

    def _answer(self, stdout: IO[bytes], name: str, limit: int | None) -> bytes | FileAccess:
        head = stdout.readline().split()
        if len(head) != 3 or not head[2].isdigit():
            raise self._failed(name)
        size = int(head[2])
        if limit is not None and size > limit:
            left = size + 1
            while left:
                left -= len(stdout.read(min(left, 1 << 20))) or left
            return FileAccess(f"the file is larger than {limit:,} bytes", file=name)
        data = stdout.read(size)
        if len(data) != size or stdout.read(1) != b"\n":
            raise self._failed(name)
        return data

    def _failed(self, name: str) -> GitError:
        self.close()
        return GitError(
            "git does not have the content of this file",
            file=name,
            hints=["in a partial clone: `git fetch --refetch`; else `git fsck` tells what is damaged"],
        )

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            import subprocess

            try:
                self._process = subprocess.Popen(
                    command("cat-file", "--batch"),
                    cwd=self.root,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment(self.root),
                )
            except OSError:
                raise GitError("git could not be run", hints=["install git, or add it to PATH"]) from None
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        return process.stdin, process.stdout
