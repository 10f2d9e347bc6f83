"""The addresses of the browser's reader: its script and serving models, each by its hash, fetched once a browser.

They lie beside the pages, so that a page's relative address finds them under any ``baseUrlPath`` and behind a proxy.
"""

import gzip
import hashlib
import re
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from emnist_core.reader import models, scripts
from emnist_core.runs import Run

HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": "gzip"}
NAME = re.compile(r"([0-9a-f]{64})\.(js|tflite)")


def script_address() -> str:
    """The reader's script, as a page's relative address."""
    return f"reader/{_script()[0]}.js"


def model_address(run: Run) -> str | None:
    """The run's serving model, as a page's relative address; None where it answers from the server."""
    sha256 = models.sha256_for_browser(run)
    return sha256 and f"reader/{sha256}.tflite"


def route() -> Route:
    """The route that answers to both; ``base`` is whatever the pages lie under."""
    return Route("/{base:path}reader/{name}", _answer)


def _answer(request: Request) -> Response:
    """A file, or 404; in a thread of its own, as it may have to be packed first."""
    asked = NAME.fullmatch(request.path_params["name"])
    if asked and asked[2] == "js" and asked[1] == _script()[0]:
        return Response(_script()[1], media_type="text/javascript", headers=HEADERS)
    packed = models.packed_model(asked[1]) if asked and asked[2] == "tflite" else None
    if packed is None:
        return PlainTextResponse("There is no such file.", 404)
    return Response(packed, media_type="application/octet-stream", headers=HEADERS)


@cache
def _script() -> tuple[str, bytes]:
    """The script's hash, and the script, gzipped."""
    content = scripts.source().encode()
    return hashlib.sha256(content).hexdigest(), gzip.compress(content, mtime=0)
