"""The sample as an archive in NIST's layout, for a server of the tests to serve."""

import io
import zipfile

from emnist_core import data
from emnist_core.splits import SPLITS, Part
from tests.helpers import nist

ROWS: dict[Part, int] = {"train": 600, "test": 150}
SAMPLE = {part: data.load("balanced", part, "sample") for part in ROWS}


def sample_files() -> dict[str, bytes]:
    """Images of the sample as NIST's files of Balanced, and a little noise as those of every other split."""
    files: dict[str, bytes] = {}
    for name in SPLITS:
        for part in ROWS:
            files |= nist.part_files(name, part, 5)
    for part, count in ROWS.items():
        images, labels = SAMPLE[part].images[:count], SAMPLE[part].labels[:count]
        files |= nist.packed("balanced", part, images, labels)
    return files


def archive_of(files: dict[str, bytes]) -> bytes:
    """A zip archive with NIST's folder and with its compression, which is none to speak of."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(f"gzip/{name}", body)
    return content.getvalue()


FILES = sample_files()
ARCHIVE = archive_of(FILES)
TEST_BYTES = sum(len(body) for name, body in FILES.items() if "balanced-test" in name)
with zipfile.ZipFile(io.BytesIO(ARCHIVE)) as opened:
    DIRECTORY = len(ARCHIVE) - opened.start_dir
    MEMBERS = {member.filename.removeprefix("gzip/"): member for member in opened.infolist()}
CONTENT = {"/gzip.zip": ARCHIVE} | {f"/files/{name}": body for name, body in FILES.items()}
"""What the server serves, by path: the archive, and its files one by one."""
