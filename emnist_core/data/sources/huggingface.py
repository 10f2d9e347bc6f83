"""A mirror of NIST's files on Hugging Face, over plain HTTPS."""

import json
import os
import re
from typing import Any
from urllib.parse import quote

from emnist_core.data.progress import Meter
from emnist_core.data.sources.url import UrlFiles
from emnist_core.data.web import Reason, Unavailable, Web

DATASET = "Heliosoph/EMNIST"
"""Balanced, ByClass and Letters, every file with NIST's bytes: https://huggingface.co/datasets/Heliosoph/EMNIST"""

REVISION = "e1ce0ec731a6482d8a708c641c2030d6a6cc1f31"
"""The commit that is fetched, unless ``EMNIST_HF_REVISION`` names another or a name that stands for one.

It is the one that the mirror's own makers install from: the EMNIST entries of ``datasets/catalog.json`` in
https://github.com/HeliosophLLC/DatumV. Its files are checked against the sha256 that the commit lists. The cache's
manifest keeps the commit, and what is fetched of that split later comes from it as well, until ``--again`` asks for
the newest.
"""

LATEST = "main"
REVISION_VARIABLE = "EMNIST_HF_REVISION"
COMMIT = re.compile(r"[0-9a-f]{40}")


class HuggingFace(UrlFiles):
    """The files of one commit of the mirror, with the sizes and hashes that the commit lists.

    Args:
        revision: the commit that another part of the split came from, if any.
    """

    title = "the Hugging Face mirror"
    official = True
    base = "https://huggingface.co"

    def __init__(self, meter: Meter, revision: str | None = None) -> None:
        asked = os.environ.get(REVISION_VARIABLE) or revision or REVISION
        meter.begin(f"the list of files of {DATASET}")
        self.revision, known = self._listed(Web(meter), asked)
        super().__init__(f"{self.base}/datasets/{DATASET}/resolve/{self.revision}/", meter, known)

    def _listed(self, web: Web, asked: str) -> tuple[str, dict[str, tuple[int | None, str | None]]]:
        """The commit that ``asked`` stands for, and by name the size and sha256 of its files."""
        try:
            listed = _json(web, f"{self.base}/api/datasets/{DATASET}/revision/{quote(asked, safe='')}?blobs=true")
        except Unavailable as reason:
            if asked == LATEST or reason.reason is not Reason.ANSWER:
                raise
            advice = f"`{REVISION_VARIABLE}={LATEST}` with `--again` takes what is there"
            raise Unavailable(Reason.UNUSABLE, f"{reason};", advice) from None
        try:
            commit = str(listed["sha"])
            files = {
                str(file["rfilename"]): (file.get("size"), _sha256(file.get("lfs"))) for file in listed["siblings"]
            }
        except (KeyError, TypeError, AttributeError):
            raise Unavailable(
                Reason.UNUSABLE, self.base, f"lists the files of {DATASET} in a way not known here"
            ) from None
        if not COMMIT.fullmatch(commit) or (COMMIT.fullmatch(asked) and commit != asked):
            raise Unavailable(Reason.UNUSABLE, self.base, f"lists the files of another commit than {asked}")
        return commit, files


def _json(web: Web, url: str) -> Any:
    content, _, _ = web.bytes(url)
    try:
        return json.loads(content)
    except ValueError:
        raise Unavailable(Reason.UNUSABLE, url, "answers with something else than a list of files") from None


def _sha256(lfs: dict[str, Any] | None) -> str | None:
    """The hash of a large file's content; both of the site's interfaces are understood."""
    return (lfs.get("sha256") or lfs.get("oid")) if lfs else None
