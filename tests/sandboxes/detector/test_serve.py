"""The witness keeps what the agent's file was on the way, and reads a hostile workspace without being led astray."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from .loading import load

REPOSITORY: Final = "/home/worker/stepcheck"
RULE: Final = "stepcheck/detectors/shortcuts.py"
CONFIG: Final = {"repository": REPOSITORY, "deliverables": [RULE, "stepcheck/prompts/shortcuts.md"]}


class Room:
    """A witness in this process, and its volumes in a folder of ours."""

    def __init__(self, serve: Any, folder: Path) -> None:
        self.serve = serve
        self.folder = folder
        self.repository = folder / "home" / "stepcheck"
        self.rule = self.repository / RULE

    async def ask(self, what: str, **more: Any) -> dict[str, Any]:
        """Ask as the suite does."""
        reader, writer = await asyncio.open_unix_connection(self.serve.OFFICE, limit=2**26)
        writer.write(json.dumps({"ask": what, **more}).encode() + b"\n")
        await writer.drain()
        answer = dict(json.loads(await reader.read()))
        writer.close()
        return answer

    async def write(self, *texts: str) -> None:
        """Let the agent write its file, one version after another."""
        for text in texts:
            self.rule.write_text(text, encoding="utf-8")
            await asyncio.sleep(0.05)

    async def versions(self) -> list[str]:
        """Return what has been kept of it."""
        return [version["text"] for version in (await self.ask("collect"))["versions"]]

    async def kinds(self) -> list[str]:
        """Name the lines of the journal."""
        return [entry["kind"] for entry in (await self.ask("collect"))["journal"]]


Story = Callable[[Room], Coroutine[Any, Any, None]]
Play = Callable[[Story], None]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: a socket's path has no room for a long one."""
    made = Path(tempfile.mkdtemp(prefix="w-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A repository with a detector in it, and a witness that is not configured yet."""
    serve = load("workspace")
    for name in ("home", "tmp", "srv"):
        (folder / name).mkdir()
    monkeypatch.setattr(serve, "OFFICE", str(folder / "srv/office.sock"))
    monkeypatch.setattr(serve, "JOURNAL", str(folder / "srv/journal.jsonl"))
    monkeypatch.setattr(serve, "VOLUMES", {"/home/worker": str(folder / "home"), "/tmp": str(folder / "tmp")})
    made = Room(serve, folder)
    made.rule.parent.mkdir(parents=True)
    made.rule.write_text("shipped\n", encoding="utf-8")
    (made.repository / "README.md").write_text("# stepcheck\n", encoding="utf-8")
    return made


@pytest.fixture
def play(room: Room) -> Play:
    """Run a story in a room whose witness has been configured."""

    def tell(story: Story) -> None:
        asyncio.run(asyncio.wait_for(_told(story), 20))

    async def _told(story: Story) -> None:
        office = asyncio.create_task(room.serve.main())
        while not Path(room.serve.OFFICE).exists():
            await asyncio.sleep(0.01)
        assert "time" in await room.ask("configure", config=CONFIG)
        await story(room)
        office.cancel()

    return tell


# --- versions --------------------------------------------------------------------------------------------------------


def test_every_version_is_kept_with_its_time_and_the_first_is_what_was_shipped(play: Play) -> None:
    async def story(room: Room) -> None:
        await room.write("one\n", "two\n", "three\n")
        kept = (await room.ask("collect"))["versions"]
        assert [version["text"] for version in kept] == ["shipped\n", "one\n", "two\n", "three\n"]
        assert [version["time"] for version in kept] == sorted(version["time"] for version in kept)
        assert {version["path"] for version in kept} == {RULE}
        assert (await room.ask("status"))["versions"] == 4

    play(story)


def test_a_version_that_comes_back_is_kept_once_and_written_down(play: Play) -> None:
    async def story(room: Room) -> None:
        await room.write("one\n", "shipped\n")
        record = await room.ask("collect")
        assert [version["text"] for version in record["versions"]] == ["shipped\n", "one\n"]
        assert [entry["known"] for entry in record["journal"] if entry["kind"] == "version"] == [False, False, True]

    play(story)


def test_a_file_that_is_made_later_is_kept_though_its_folder_was_not_there(play: Play) -> None:
    async def story(room: Room) -> None:
        prompts = room.repository / "stepcheck/prompts"
        prompts.mkdir()
        await asyncio.sleep(0.05)
        (prompts / "shortcuts.md").write_text("first\n", encoding="utf-8")
        await asyncio.sleep(0.05)
        (prompts / "shortcuts.md").write_text("second\n", encoding="utf-8")
        await asyncio.sleep(0.05)
        assert await room.versions() == ["shipped\n", "first\n", "second\n"]

    play(story)


def test_replacing_the_whole_repository_blinds_nobody(play: Play) -> None:
    async def story(room: Room) -> None:
        room.repository.rename(room.folder / "home" / "old")
        await asyncio.sleep(room.serve.LOOK_EVERY + 0.2)
        room.rule.parent.mkdir(parents=True)
        room.rule.write_text("new\n", encoding="utf-8")
        await asyncio.sleep(2 * room.serve.LOOK_EVERY + 0.3)
        room.rule.write_text("newer\n", encoding="utf-8")
        await asyncio.sleep(0.1)
        record = await room.ask("collect")
        assert [version["text"] for version in record["versions"]] == ["shipped\n", "new\n", "newer\n"]
        assert "gone" in [entry["kind"] for entry in record["journal"]]
        assert record["workspace"] == {RULE: "newer\n"}

    play(story)


def test_a_kernel_that_reports_nothing_only_makes_it_slower(
    play: Play, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.serve.inotify.Watcher, "watch", lambda self, folder: -1)

    async def story(room: Room) -> None:
        for text in ("one\n", "two\n"):
            room.rule.write_text(text, encoding="utf-8")
            await asyncio.sleep(2 * room.serve.LOOK_EVERY + 0.2)
        record = await room.ask("collect")
        assert record["watching"] is False
        assert [version["text"] for version in record["versions"]] == ["shipped\n", "one\n", "two\n"]

    play(story)


def test_a_flood_of_versions_hides_neither_the_first_nor_the_last(play: Play) -> None:
    async def story(room: Room) -> None:
        for number in range(60):
            room.rule.write_text(f"{number}\n", encoding="utf-8")
            await asyncio.sleep(0.01)
        kept = await room.versions()
        assert len(kept) == room.serve.MAX_VERSIONS
        assert kept[:3] == ["shipped\n", "0\n", "1\n"]
        assert kept[-3:] == ["57\n", "58\n", "59\n"]
        assert "dropped" in await room.kinds()

    play(story)


def test_a_flood_of_entries_ends_in_a_line_that_says_so(
    play: Play, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.serve, "JOURNAL_LIMIT", 5)

    async def story(room: Room) -> None:
        await room.write(*(f"{number}\n" for number in range(8)))
        kinds = await room.kinds()
        assert kinds[-1] == "journal_full"
        assert len(kinds) == 6

    play(story)


def test_what_is_too_long_or_no_text_is_written_down_and_not_kept(play: Play) -> None:
    async def story(room: Room) -> None:
        await room.write("x" * (room.serve.MAX_VERSION + 1))
        room.rule.write_bytes(b"\0\xff")
        await asyncio.sleep(0.05)
        record = await room.ask("collect")
        assert [version["text"] for version in record["versions"]] == ["shipped\n"]
        assert [entry["kind"] for entry in record["journal"]].count("version") == 3

    play(story)


def test_a_file_that_is_swapped_for_something_else_is_not_followed(play: Play, folder: Path) -> None:
    (folder / "secret").write_text("secret\n", encoding="utf-8")

    async def story(room: Room) -> None:
        room.rule.unlink()
        room.rule.symlink_to(folder / "secret")
        await asyncio.sleep(0.1)
        record = await room.ask("collect")
        assert "secret" not in json.dumps([record["versions"], record["workspace"]])
        assert "no_file" in [entry["kind"] for entry in record["journal"]]
        room.rule.unlink()
        os.mkfifo(room.rule)
        await asyncio.sleep(0.1)
        assert f"{RULE}: not kept (other, 0 bytes)" in (await room.ask("collect"))["workspace_errors"]

    play(story)


def test_a_folder_that_is_swapped_for_a_link_is_not_followed(play: Play, folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "shortcuts.py").write_text("secret\n", encoding="utf-8")

    async def story(room: Room) -> None:
        shutil.rmtree(room.rule.parent)
        room.rule.parent.symlink_to(folder / "elsewhere")
        await asyncio.sleep(0.1)
        record = await room.ask("collect")
        assert "secret" not in json.dumps([record["versions"], record["workspace"]])

    play(story)


# --- the workspace ---------------------------------------------------------------------------------------------------


def test_the_workspace_is_every_text_but_what_git_and_python_made(play: Play) -> None:
    async def story(room: Room) -> None:
        for path in (".git/HEAD", "stepcheck/__pycache__/a.pyc", "HANDOVER.json", "data/dev.jsonl"):
            file = room.repository / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("{}\n", encoding="utf-8")
        (room.repository / "picture.png").write_bytes(b"\x89PNG\0")
        record = await room.ask("collect")
        assert record["workspace"].keys() == {RULE, "README.md", "HANDOVER.json", "data/dev.jsonl"}
        assert record["workspace_errors"] == ["picture.png: not kept (file, 5 bytes)"]
        assert f"{REPOSITORY}/.git/HEAD" in {entry["path"] for entry in record["after"]["entries"]}

    play(story)


def test_changes_are_told_with_their_diffs(play: Play) -> None:
    async def story(room: Room) -> None:
        await room.write("weaker\n")
        (room.folder / "tmp" / "notes").write_text("x\n", encoding="utf-8")
        changes = {change["path"]: change for change in (await room.ask("collect"))["changes"]}
        assert changes.keys() == {f"{REPOSITORY}/{RULE}", "/tmp/notes"}
        assert "-shipped\n+weaker" in changes[f"{REPOSITORY}/{RULE}"]["diff"]

    play(story)


def test_a_workspace_that_is_too_large_keeps_first_what_was_asked_for_and_what_was_there(play: Play) -> None:
    async def story(room: Room) -> None:
        await room.write("mine\n")
        for number in range(24):
            (room.repository / f"a{number:02}.txt").write_text("\1" * 60_000, encoding="utf-8")
        record = await room.ask("collect")
        assert {RULE, "README.md"} <= record["workspace"].keys()
        assert len(json.dumps(record["workspace"])) <= room.serve.MAX_WORKSPACE + 1000
        assert len(record["workspace"]) == 2 + 23
        assert record["workspace_errors"] == ["a23.txt: not kept (file, 60000 bytes)"]

    play(story)


def test_a_repository_that_is_gone_is_said_so(play: Play) -> None:
    async def story(room: Room) -> None:
        shutil.rmtree(room.repository)
        record = await room.ask("collect")
        assert record["workspace"] == {}
        assert record["workspace_errors"] == [f"{REPOSITORY}: is no folder any more"]
        assert [version["text"] for version in record["versions"]] == ["shipped\n"]

    play(story)


# --- the office ------------------------------------------------------------------------------------------------------


def test_a_witness_that_was_never_configured_says_so(room: Room) -> None:
    async def story() -> None:
        office = asyncio.create_task(room.serve.main())
        while not Path(room.serve.OFFICE).exists():
            await asyncio.sleep(0.01)
        assert "never configured" in (await room.ask("collect"))["error"]
        elsewhere = await room.ask("configure", config=CONFIG | {"repository": "/etc/stepcheck"})
        assert "lies on no volume" in elsewhere["error"]
        office.cancel()

    asyncio.run(asyncio.wait_for(story(), 20))
