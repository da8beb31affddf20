"""Hooks of mkdocs: the README is the first page, and what pages link to in the tree comes along."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(\[(?:[^\[\]]|\[[^\]]*\])*\])\(([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```$)", re.S | re.M)
CPP = ROOT / "build" / "docs" / "cpp" / "html"


def site_path(path: str) -> str | None:
    """Where a file of the tree stands in the site; None for folders and what is not there."""
    if path == "README.md":
        return "index.md"
    if not (ROOT / path).is_file():
        return None
    if path.startswith("docs/"):
        return path[len("docs/") :]
    if path.endswith(".md"):
        return "project/" + path
    # Browsers show text, but would save a .cc.
    return "source/" + path + ("" if path.endswith(".ipynb") else ".txt")


def tree_path(uri: str) -> str:
    if uri == "index.md":
        return "README.md"
    return uri[len("project/") :] if uri.startswith("project/") else "docs/" + uri


def targets(path: str, text: str) -> list[str]:
    """Files of the tree that a page links to."""
    found = []
    for _, link, _ in LINK.findall(FENCE.sub("", text)):
        if "://" not in link:
            found.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), link)))
    return found


def on_files(files, config):
    waiting = ["README.md"] + [tree_path(f.src_uri) for f in files if f.src_uri.endswith(".md")]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        uri = site_path(path)
        if uri is None:
            continue
        if files.get_file_from_path(uri) is None:
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / path)))
        if not path.endswith(".md"):
            continue
        for target in targets(path, (ROOT / path).read_text(encoding="utf-8")):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    for page in sorted(CPP.rglob("*")) if CPP.is_dir() else ():
        if page.is_file():
            uri = "cpp/" + page.relative_to(CPP).as_posix()
            files.append(File.generated(config, uri, abs_src_path=str(page)))
    return files


def on_page_markdown(markdown, page, config, files):
    path = tree_path(page.file.src_uri)

    def mapped(match: re.Match[str]) -> str:
        text, link, anchor = match.group(1), match.group(2), match.group(3) or ""
        if "://" in link or link.startswith("mailto:"):
            return match.group()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
        if target.startswith("docs/cpp/"):
            return match.group()
        if (ROOT / target).is_dir():
            return text[1:-1]  # there is no page of a folder
        uri = site_path(target)
        if uri is None:
            return match.group()  # and strict mode says so
        base = posixpath.dirname(page.file.src_uri)
        return f"{text}({posixpath.relpath(uri, base or '.')}{anchor})"

    parts = FENCE.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(mapped, part) for part in parts)
