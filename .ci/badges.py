"""Stamp the repository's address into every file that names it: `make badges REPO=owner/name`.

The address stands in one place, `Repository` in pyproject.toml. Notebooks (Colab badge and set-up
cell), README and the rest repeat it, because they are read where pyproject.toml is not.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPO = r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+"


def repository(root: Path = ROOT) -> str:
    """Return owner/name as pyproject.toml has it."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return pyproject["project"]["urls"]["Repository"].removeprefix("https://github.com/")


def project_files(root: Path) -> list[Path]:
    """List the files that git knows or would take in."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise SystemExit("Addresses are stamped into git's files: here is no git.") from None
    paths = (root / name for name in listed.decode("utf-8").split("\0") if name)
    return [path for path in paths if path.is_file()]


def read(path: Path) -> str | None:
    """Return a file's text with its line ends as they are, or None where it is not text."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None


def stamp(repo: str, root: Path = ROOT) -> list[str]:
    """Replace the old address by owner/name in all files; return the names of those changed."""
    if not re.fullmatch(REPO, repo):
        raise SystemExit(f"Name the repository, as in REPO=owner/name; got {repo!r}.")
    old = re.compile(rf"(?<![\w.-]){re.escape(repository(root))}(?![\w-])")
    changed = []
    for path in project_files(root):
        text = read(path)
        if text and (new := old.sub(repo, text)) != text:
            path.write_bytes(new.encode("utf-8"))
            changed.append(path.relative_to(root).as_posix())
    return changed


if __name__ == "__main__":
    names = stamp(sys.argv[1] if len(sys.argv) > 1 else "")
    print("\n".join(names) or "Nothing to change.")
