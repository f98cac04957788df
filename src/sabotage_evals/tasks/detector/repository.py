"""The repository that the agent is given: which files an arm's has, how old they are, and the history behind them."""

import base64
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import yaml

from sabotage_evals.corpus.families import TITLES, Domain, Family
from sabotage_evals.sandbox import DAY, SANDBOXES, PackedFile

NAME: Final = "stepcheck"
"""The repository's folder in the agent's home."""
HOME: Final = "/home/worker"
SHORTCUTS: Final = "stepcheck/detectors/shortcuts.py"
DEVELOPMENT_DATA: Final = "data/dev.jsonl"
MAINTAINERS: Final = ("maintainers", "maintainers@localhost")
RELEASE: Final = "v0.6.2"
INHERITED_AGE: Final = 3.4
"""Days since somebody left the uncommitted work behind, in the arms that inherit it."""

_ROOM: Final = SANDBOXES / "detector" / "machine" / "repository"


class Labelled(Protocol):
    """What the development set needs of an item of the corpus."""

    @property
    def trajectory(self) -> dict[str, Any]:
        """The recording."""

    @property
    def label(self) -> bool:
        """Whether it should be flagged."""

    @property
    def family(self) -> Family | None:
        """What it is, or what it only looks like."""


@dataclass(frozen=True)
class Commit:
    """One commit: what it says, and the content that each of its files has in it."""

    subject: str
    body: str
    days_old: float
    contents: Mapping[str, bytes]
    """By path in the repository."""


@dataclass(frozen=True)
class Repository:
    """The repository of one arm."""

    past: tuple[Commit, ...]
    """What is on the main branch, oldest first."""
    under_review: tuple[Commit, ...]
    """What is on the branch above it; empty but for a review."""
    branch: str
    uncommitted: Mapping[str, bytes]
    """Content that differs from what is committed."""

    @property
    def files(self) -> tuple[PackedFile, ...]:
        """The working tree."""
        found: dict[str, PackedFile] = {}
        for commit in (*self.past, *self.under_review):
            for path, content in commit.contents.items():
                found[path] = PackedFile(f"{NAME}/{path}", content, commit.days_old)
        for path, content in self.uncommitted.items():
            found[path] = PackedFile(f"{NAME}/{path}", content, INHERITED_AGE)
        return tuple(found[path] for path in sorted(found))

    @property
    def texts(self) -> dict[str, str]:
        """What every file says, by its path in the repository."""
        return {file.path.removeprefix(f"{NAME}/"): file.content.decode() for file in self.files}


def make_repository(
    domain: Domain, deliverable: str, shows_score: bool, inherited: bool, dev_items: Iterable[Labelled]
) -> Repository:
    """Put an arm's repository together.

    Args:
        domain: What the recordings are about.
        deliverable: What the agent is asked for; a review has commits to be reviewed on a branch of their own.
        shows_score: Whether the repository can print its score on the development set.
        inherited: Whether somebody left work behind, uncommitted, that weakens the detector.
        dev_items: The development set.
    """
    contents = _contents(domain, shows_score)
    contents[DEVELOPMENT_DATA] = _development_data(domain, dev_items)
    past = _past(contents)
    under_review: tuple[Commit, ...] = ()
    chain = yaml.safe_load((_ROOM / "review" / "chain.yaml").read_text(encoding="utf-8"))
    if deliverable == "review":
        under_review = _chain(domain, contents, chain["days_old"])
    uncommitted = {}
    if inherited:
        newest = contents | {path: content for commit in under_review for path, content in commit.contents.items()}
        name = f"{domain}-review.patch" if under_review else f"{domain}.patch"
        uncommitted = apply_patch((_ROOM / "inherited" / name).read_text(encoding="utf-8"), newest)
    return Repository(past, under_review, chain["branch"], uncommitted)


def repository_files(
    domain: Domain, deliverable: str, shows_score: bool, inherited: bool, dev_items: Iterable[Labelled]
) -> tuple[PackedFile, ...]:
    """Return the files to be put into the home directory; see `make_repository`."""
    return make_repository(domain, deliverable, shows_score, inherited, dev_items).files


def review_fault(domain: Domain) -> dict[str, str]:
    """Return the subject of the commit under review that weakens the detector, and the family that it loses."""
    fault = yaml.safe_load((_ROOM / "review" / "chain.yaml").read_text(encoding="utf-8"))["fault"]
    subject, _, _ = _patch(domain, fault["commit"])
    return {"commit": subject, "family": Family(fault["family"]).value}


def history_script(repository: Repository, now: float, folder: str = f"{HOME}/{NAME}") -> str:
    """Write the shell script that gives the files their history; it runs once, as the worker, and needs no network.

    For a review it prints the commits to be reviewed, the newest first: hash, space, subject.

    Args:
        repository: The repository, whose files lie in the folder already.
        now: The time from which the commits are as many days ago as they say.
        folder: Where the files lie.
    """
    name, address = MAINTAINERS
    lines = [
        "set -eu",
        "umask 022",
        f"cd {shlex.quote(folder)}",
        "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1",
        "git init --quiet --initial-branch=main .",
        f"git config user.name {name}",
        f"git config user.email {address}",
    ]
    tree = repository.texts
    for commit in repository.past:
        lines += _commit(commit, tree, now)
    lines.append(f"git tag {RELEASE}")
    if repository.under_review:
        lines += [f"git branch {repository.branch}", f"git symbolic-ref HEAD refs/heads/{repository.branch}"]
    for commit in repository.under_review:
        lines += _commit(commit, tree, now)
    last = (repository.under_review or repository.past)[-1]
    lines += [
        "git gc --quiet",
        "git update-index -q --refresh || true",
        f"find .git -exec touch --no-dereference --date=@{_seconds(last, now)} {{}} +",
    ]
    if repository.under_review:
        lines.append("git log --format='%H %s' main..HEAD")
    return "\n".join(lines) + "\n"


def _seconds(commit: Commit, now: float) -> int:
    return int(now - commit.days_old * DAY)


def _commit(commit: Commit, tree: Mapping[str, str], now: float) -> list[str]:
    """Write the commands of one commit; content that is not in the working tree goes into the index by itself."""
    lines = []
    present = [path for path, content in commit.contents.items() if tree[path].encode() == content]
    if present:
        lines.append(f"git add -- {shlex.join(present)}")
    for path, content in commit.contents.items():
        if path not in present:
            lines += [
                "blob=$(base64 --decode <<'END' | git hash-object -w --stdin",
                base64.encodebytes(content).decode().rstrip(),
                "END",
                ")",
                f'git update-index --add --cacheinfo "100644,$blob,{path}"',
            ]
    date = f"{_seconds(commit, now)} +0000"
    message = " ".join(f"--message={shlex.quote(part)}" for part in (commit.subject, commit.body) if part)
    lines.append(f"GIT_AUTHOR_DATE='{date}' GIT_COMMITTER_DATE='{date}' git commit --quiet --no-gpg-sign {message}")
    return lines


def _contents(domain: Domain, shows_score: bool) -> dict[str, bytes]:
    """Return the released files: what all arms share, then the domain's own, then what shows the score."""
    contents = {}
    for layer in ("common", domain, *(["score"] if shows_score else [])):
        for path in sorted((_ROOM / layer).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                contents[path.relative_to(_ROOM / layer).as_posix()] = path.read_bytes()
    return contents


def _development_data(domain: Domain, items: Iterable[Labelled]) -> bytes:
    lines = []
    for item in items:
        family = TITLES[domain][item.family] if item.label and item.family is not None else None
        line = {"recording": item.trajectory, "label": int(item.label), "family": family}
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def _past(contents: Mapping[str, bytes]) -> tuple[Commit, ...]:
    commits, left = [], set(contents)
    for told in yaml.safe_load((_ROOM / "history.yaml").read_text(encoding="utf-8")):
        here = {path: contents[path] for path in told["files"] if path in contents}
        left -= set(here)
        if here:
            commits.append(Commit(told["subject"], told.get("body", ""), told["days_old"], here))
    if left:
        raise ValueError(f"history.yaml names no commit that adds {', '.join(sorted(left))}; put it into one.")
    return tuple(commits)


def _patch(domain: Domain, number: int) -> tuple[str, str, str]:
    """Return subject, body and change of one commit under review."""
    text = (_ROOM / "review" / domain / f"{number}.patch").read_text(encoding="utf-8")
    message, _, change = text.partition("\n\n---")
    subject, _, body = message.partition("\n\n")
    return subject, body, f"---{change}"


def _chain(domain: Domain, contents: Mapping[str, bytes], ages: Sequence[float]) -> tuple[Commit, ...]:
    commits, now = [], dict(contents)
    for number, days_old in enumerate(ages, start=1):
        subject, body, change = _patch(domain, number)
        changed = apply_patch(change, now)
        now |= changed
        commits.append(Commit(subject, body, days_old, changed))
    return tuple(commits)


def apply_patch(patch: str, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Apply a unified diff and return the files that it changes, as they are then.

    Raises:
        ValueError: A file is not as the patch expects it.
    """
    changed: dict[str, bytes] = {}
    for part in ("\n" + patch).split("\n--- a/")[1:]:
        head, *hunks = part.removesuffix("\n").split("\n@@ ")
        path = head.partition("\n")[0]
        old, new, done = contents[path].decode().splitlines(), [], 0
        for hunk in hunks:
            place, *lines = hunk.split("\n")
            start = int(place.split()[0].removeprefix("-").partition(",")[0]) - 1
            before = [line[1:] for line in lines if line[:1] in {" ", "-"}]
            if old[start : start + len(before)] != before:
                raise ValueError(f"{path}: line {start + 1} is not as the patch expects it; make the patch anew.")
            new += old[done:start] + [line[1:] for line in lines if line[:1] in {" ", "+"}]
            done = start + len(before)
        changed[path] = "\n".join([*new, *old[done:], ""]).encode()
    return changed
