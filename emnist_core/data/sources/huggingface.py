"""A mirror of NIST's files on Hugging Face, over plain HTTPS."""

import json
import os
from typing import Any

from emnist_core.data.progress import Meter
from emnist_core.data.sources.url import UrlFiles
from emnist_core.data.web import Unavailable, Web

DATASET = "Heliosoph/EMNIST"
"""Balanced, ByClass and Letters, every file with NIST's bytes: https://huggingface.co/datasets/Heliosoph/EMNIST"""

REVISION = "main"
"""The revision to fetch from; a commit's hash pins it.

Which commit to pin could not be looked up when this was written. So a fetch asks once which commit the name
stands for, takes every file from that commit, checks it against the sha256 that the commit lists, and writes
the commit into the cache's manifest. ``EMNIST_HF_REVISION`` pins another.
"""

REVISION_VARIABLE = "EMNIST_HF_REVISION"


class HuggingFace(UrlFiles):
    """The files of one commit of the mirror, with the sizes and hashes that the commit lists."""

    title = "the Hugging Face mirror"
    official = True
    base = "https://huggingface.co"

    def __init__(self, meter: Meter) -> None:
        revision = os.environ.get(REVISION_VARIABLE) or REVISION
        meter.begin(f"the list of files of {DATASET}")
        listed = _json(Web(meter), f"{self.base}/api/datasets/{DATASET}/revision/{revision}?blobs=true")
        try:
            commit, files = str(listed["sha"]), listed["siblings"]
            known = {str(file["rfilename"]): (file.get("size"), _sha256(file.get("lfs"))) for file in files}
        except (KeyError, TypeError, AttributeError):
            raise Unavailable(f"{self.base} lists the files of {DATASET} in a way that is not known here") from None
        super().__init__(f"{self.base}/datasets/{DATASET}/resolve/{commit}/", meter, known)


def _json(web: Web, url: str) -> Any:
    content, _, _ = web.bytes(url)
    try:
        return json.loads(content)
    except ValueError:
        raise Unavailable(f"{url} answers with something else than a list of files") from None


def _sha256(lfs: dict[str, Any] | None) -> str | None:
    """The hash of a large file's content; both of the site's interfaces are understood."""
    return (lfs.get("sha256") or lfs.get("oid")) if lfs else None
