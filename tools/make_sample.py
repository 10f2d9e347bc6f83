"""Make the bundled sample: 47 classes rendered from handwriting fonts, no EMNIST image among them.

    python -m tools.make_sample                 write the sample, its list of fonts, docs/sample.md's tables
    python -m tools.make_sample --check         make it again and compare every byte with what is committed
    python -m tools.make_sample --statistics    print what docs/sample.md tells about the images

The fonts come from npm's ``@fontsource`` packages, one pinned version of each, kept in ``--fonts``. The same
versions of NumPy, SciPy and Pillow give the same bytes. Needs ``npm``, and fontTools with brotli.
"""

import argparse
import hashlib
import io
import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from emnist_core.files import write_atomically, write_json
from emnist_core.ink import conversion
from emnist_core.paths import PROJECT
from emnist_core.splits import BYMERGE_LABELS, MERGED_LETTERS

SAMPLE = PROJECT / "emnist_core/data/sample.npz"
FONT_LIST = PROJECT / "emnist_core/data/sample_fonts.json"
PAGE = PROJECT / "docs/sample.md"

PER_CLASS = {"train": 120, "test": 40}
VERSION = "5.3.0"
TRAIN_FONTS = """
    annie-use-your-telescope bad-script balsamiq-sans birthstone bubblegum-sans caveat chilanka comic-neue
    comic-relief courgette dancing-script delicious-handrawn delius finger-paint gochi-hand grandstander
    handlee indie-flower kaushan-script long-cang mansalva nanum-brush-script nanum-pen-script neucha
    oooh-baby playpen-sans poor-story shantell-sans short-stack sriracha sue-ellen-francisco
    swanky-and-moo-moo yomogi yusei-magic zen-kurenaido
"""
TEST_FONTS = """
    architects-daughter caveat-brush covered-by-your-grace gaegu gloria-hallelujah itim kalam patrick-hand
    reenie-beanie schoolbell shadows-into-light the-girl-next-door
"""
FONTS = {"train": TRAIN_FONTS.split(), "test": TEST_FONTS.split()}
LICENCES = {"OFL-1.1": "SIL Open Font License", "Apache-2.0": "Apache License"}

FRAME = 192
"""Side of the square that a glyph is rendered in."""
GLYPH = 110
"""Longer side of the glyph in it."""
PEN, PEN_SPREAD = 0.135, 0.32
"""Median stroke width over longer side, and the standard deviation of its logarithm, as in EMNIST."""
THICKEST = 0.26
ROTATION, SLANT, STRETCH = 5.0, 0.12, 0.09
"""Standard deviations: degrees, tangent, logarithm."""
WAVE, WAVELENGTH = 2.0, 18.0
"""Elastic displacement: its standard deviation and smoothness in pixels of the frame."""

Image8 = NDArray[np.uint8]
Arrays = dict[str, Image8]


@dataclass(frozen=True)
class Font:
    """One font file of the sample and where it comes from."""

    family: str
    package: str
    version: str
    part: str
    licence: str
    attribution: str
    sha256: str


# --- fonts


def fetch(name: str, folder: Path) -> Path:
    """Return the package of ``name`` in ``folder``, packed by npm when it is not there yet."""
    archive = folder / f"fontsource-{name}-{VERSION}.tgz"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", f"@fontsource/{name}@{VERSION}"], cwd=folder, check=True)
    return archive


def read_font(name: str, part: str, folder: Path) -> tuple[Font, bytes]:
    """Return the record of a package's regular Latin font, openly licensed, and the font as a TTF."""
    from fontTools.ttLib import TTFont

    with tarfile.open(fetch(name, folder)) as package:

        def read(path: str) -> bytes:
            member = package.extractfile(f"package/{path}")
            assert member is not None, f"{name} has no {path}"
            return member.read()

        packed = read(f"files/{name}-latin-400-normal.woff2")
        metadata, licence_text = json.loads(read("metadata.json")), read("LICENSE").decode()
    licence = metadata["license"]
    if LICENCES[licence["type"]].lower() not in re.sub(r"\s+", " ", licence_text).lower():
        raise SystemExit(f"{name}: LICENSE is not the {licence['type']} that its metadata names")
    font = TTFont(io.BytesIO(packed))
    font.flavor = None
    unpacked = io.BytesIO()
    font.save(unpacked, reorderTables=None)
    record = Font(
        family=metadata["family"],
        package=f"@fontsource/{name}",
        version=VERSION,
        part=part,
        licence=licence["type"],
        attribution=re.sub(r"\s+", " ", licence["attribution"]).strip(),
        sha256=hashlib.sha256(packed).hexdigest(),
    )
    return record, unpacked.getvalue()


def check_glyphs(name: str, ttf: bytes) -> None:
    """Refuse a font that lacks a character, or whose small letters are small capitals."""
    face = ImageFont.truetype(io.BytesIO(ttf), FRAME)
    for label in BYMERGE_LABELS:
        for form in forms(label):
            if not face.getmask(form).getbbox():
                raise SystemExit(f"{name} has no {form}")
        if label.islower():
            small, capital = (normalised(face, form) for form in (label, label.upper()))
            overlap = (small & capital).sum() / (small | capital).sum()
            if overlap > 0.75:
                raise SystemExit(f"{name}: its {label} is a {label.upper()}")


def normalised(face: ImageFont.FreeTypeFont, form: str) -> NDArray[np.bool_]:
    """Return a glyph's shape stretched to 64×64."""
    mask = face.getmask(form)
    whole = Image.frombytes("L", mask.size, bytes(mask)).crop(mask.getbbox())
    return np.asarray(whole.resize((64, 64))) > 127


# --- a glyph


def forms(label: str) -> str:
    """Return the characters that a class holds: both cases of a merged letter."""
    return label + label.lower() if label in MERGED_LETTERS else label


def rendered(ttf: bytes, form: str) -> NDArray[np.float32]:
    """Return a glyph as ``float32 (192, 192)`` in 0..1, its longer side 110 pixels, in the middle."""
    big = ImageFont.truetype(io.BytesIO(ttf), 2 * GLYPH)
    left, top, right, bottom = big.getbbox(form)
    face = ImageFont.truetype(io.BytesIO(ttf), 2 * GLYPH * GLYPH / max(right - left, bottom - top))
    picture = Image.new("L", (FRAME, FRAME))
    left, top, right, bottom = face.getbbox(form)
    corner = ((FRAME - left - right) / 2, (FRAME - top - bottom) / 2)
    ImageDraw.Draw(picture).text(corner, form, fill=255, font=face)
    return np.asarray(picture, np.float32) / np.float32(255)


def written(glyph: NDArray[np.float32], rng: np.random.Generator) -> Image8:
    """Return a glyph as one hand might write it: turned, slanted, stretched, wavy, with some pen."""
    angle, slant = np.radians(rng.normal(0, ROTATION)), rng.normal(0, SLANT)
    stretch = np.exp(rng.normal(0, STRETCH))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[stretch, 0], [slant, 1 / stretch]])
    waves = ndimage.gaussian_filter(rng.normal(size=(2, FRAME, FRAME)), (0, WAVELENGTH, WAVELENGTH))
    waves *= WAVE / waves.std()
    middle = (FRAME - 1) / 2
    at = np.mgrid[:FRAME, :FRAME] - middle
    bent = ndimage.map_coordinates(glyph, np.tensordot(matrix, at, 1) + middle + waves, order=1) > 0.3
    return with_pen(bent, PEN * np.exp(rng.normal(0, PEN_SPREAD)))


def with_pen(mask: NDArray[np.bool_], pen: float) -> Image8:
    """Return ink whose strokes are about ``pen`` of the longer side wide, within what the glyph bears."""
    inside, outside = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    longer = max(np.ptp(np.argwhere(mask), axis=0))
    width = 4 * (inside[mask].mean() - 0.5)
    grow = (min(pen, THICKEST) * longer - width) / 2
    grow = max(grow, -0.3 * width)
    while abs(grow) > 1 and not legible(mask, outside - inside <= grow):
        grow *= 0.7
    thickened: Image8 = ((outside - inside <= grow) * 255).astype(np.uint8)
    return thickened


def legible(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> bool:
    """Say whether ink with another pen has kept its parts, its holes and the gaps between its strokes."""

    def parts(mask: NDArray[np.bool_]) -> int:
        return int(ndimage.label(mask)[1])

    def strokes_met(mask: NDArray[np.bool_]) -> int:
        return sum(int(np.count_nonzero(np.diff(mask, axis=axis))) for axis in (0, 1))

    return (
        parts(after) == parts(before)
        and parts(~after) >= parts(~before)
        and strokes_met(after) >= 0.85 * strokes_met(before)
    )


# --- the sample


def class_images(job: tuple[str, int, tuple[bytes, ...]]) -> Image8:
    """Return all images of a class, ``uint8 (n, 28, 28)``; fonts and cases take turns."""
    part, index, fonts = job
    label = BYMERGE_LABELS[index]
    rng = np.random.default_rng([part == "test", index])
    order = rng.permutation(len(fonts))
    cases = forms(label)
    images = []
    for turn in range(PER_CLASS[part]):
        lap, place = divmod(turn, len(fonts))
        glyph = rendered(fonts[order[place]], cases[(lap + place) % len(cases)])
        images.append(conversion.convert(written(glyph, rng)).image)
    return np.stack(images)[rng.permutation(len(images))]


def build(fonts: dict[str, tuple[bytes, ...]]) -> Arrays:
    """Return the arrays of the sample.

    Rows come in rounds of one image a class in random order, so the last rows of train are balanced too.
    """
    arrays: Arrays = {}
    classes = len(BYMERGE_LABELS)
    for seed, (part, count) in enumerate(PER_CLASS.items()):
        jobs = [(part, index, fonts[part]) for index in range(classes)]
        with ProcessPoolExecutor() as pool:
            by_class = np.stack(list(pool.map(class_images, jobs)))
        rng = np.random.default_rng([47, seed])
        labels = np.stack([rng.permutation(classes) for _ in range(count)])
        rounds = np.arange(count)[:, None]
        arrays[f"{part}_images"] = by_class[labels, rounds].reshape(-1, conversion.SIDE, conversion.SIDE)
        arrays[f"{part}_labels"] = labels.reshape(-1).astype(np.uint8)
    return arrays


def npz_bytes(arrays: Arrays) -> bytes:
    """Pack arrays as an ``.npz`` that depends on nothing but them: no time, no order of a file system."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()


def make(folder: Path) -> tuple[bytes, list[Font]]:
    """Return the bytes of the sample and the fonts in it."""
    records: list[Font] = []
    fonts: dict[str, tuple[bytes, ...]] = {}
    for part, names in FONTS.items():
        read = [read_font(name, part, folder) for name in names]
        for record, ttf in read:
            check_glyphs(record.family, ttf)
        records += [record for record, _ in read]
        fonts[part] = tuple(ttf for _, ttf in read)
    return npz_bytes(build(fonts)), records


# --- statistics and the page


def statistics(images: Image8) -> dict[str, float]:
    """Measure upright images ``uint8 (N, 28, 28)`` as docs/sample.md tells; shares are in percent."""
    top, bottom, left, right = _boxes(images > 0)
    longer = np.maximum(bottom - top, right - left) + 1
    margin = np.min([top, 27 - bottom, left, 27 - right], axis=0)
    off = np.maximum(abs(top + bottom - 27), abs(left + right - 27)) / 2
    bold = _boxes(images > 127)
    core = np.maximum(bold[1] - bold[0], bold[3] - bold[2]) + 1
    mass, at = images.sum(axis=(1, 2), dtype=float), np.arange(28)
    down, across = images.sum(axis=2) @ at / mass, images.sum(axis=1) @ at / mass

    def percent(hits: NDArray[np.bool_]) -> float:
        return 100 * float(np.mean(hits))

    return {
        "mean of all pixels": float(images.mean()),
        "standard deviation of all pixels": float(images.std()),
        "pixels over 127, %": percent(images > 127),
        "images whose brightest pixel is 255, %": percent(images.max(axis=(1, 2)) == 255),
        **{f"longer side of the non-zero box is {n} px, %": percent(longer == n) for n in (24, 25, 26)},
        **{f"longer side of the box over 127 is {n} px, %": percent(core == n) for n in (20, 22, 24)},
        **{f"smallest margin is {n} px, %": percent(margin == n) for n in (1, 2)},
        "box centred to half a pixel, %": percent(off <= 0.5),
        "centre of mass down, mean": float(down.mean()),
        "centre of mass across, mean": float(across.mean()),
        "centre of mass down, deviation": float(down.std()),
        "centre of mass across, deviation": float(across.std()),
    }


EMNIST = (44.3, 84.6, 16.9, 100, 44, 4, 51, 16, 57, 18, 55, 44, 100, 13.5, 13.4, 1.4, 1.2)
"""The same of 44,600 real EMNIST images, in the order of ``statistics``."""


def _boxes(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], ...]:
    """Return first row, last row, first column, last column of each image's box."""
    rows, columns = np.any(mask, axis=2), np.any(mask, axis=1)
    return (
        rows.argmax(axis=1),
        27 - rows[:, ::-1].argmax(axis=1),
        columns.argmax(axis=1),
        27 - columns[:, ::-1].argmax(axis=1),
    )


def statistics_table(packed: bytes) -> str:
    """Return the statistics of both parts beside EMNIST's as a Markdown table."""
    with np.load(io.BytesIO(packed)) as arrays:
        train, test = (statistics(arrays[f"{part}_images"]) for part in PER_CLASS)
    lines = ["| statistic | sample, train | sample, test | EMNIST |", "|---|--:|--:|--:|"]
    lines += [
        f"| {name} | {train[name]:.1f} | {test[name]:.1f} | {real:g} |"
        for name, real in zip(train, EMNIST, strict=True)
    ]
    return "\n".join(lines)


def font_table(records: list[Font]) -> str:
    """Return the fonts of the sample as a Markdown table."""
    lines = ["| font | package | part | licence | attribution |", "|---|---|---|---|---|"]
    for font in records:
        source = f"`{font.package}@{font.version}`"
        words = font.attribution.replace("|", "/")  # a bar would end the table's cell
        lines.append(f"| {font.family} | {source} | {font.part} | {font.licence} | {words} |")
    return "\n".join(lines)


def page_with(tables: dict[str, str]) -> str:
    """Return docs/sample.md with each table put between its pair of comments."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        page = page[: page.index(begin)] + f"{begin}\n{table}\n" + page[page.index(end) :]
    return page


def differences(packed: bytes, records: list[Font], page: str) -> Iterator[str]:
    """Name what is committed and differs from what was just made."""
    if SAMPLE.read_bytes() != packed:
        yield str(SAMPLE.relative_to(PROJECT))
    if json.loads(FONT_LIST.read_text(encoding="utf-8")) != [asdict(font) for font in records]:
        yield str(FONT_LIST.relative_to(PROJECT))
    if PAGE.read_text(encoding="utf-8") != page:
        yield str(PAGE.relative_to(PROJECT))


def main() -> None:
    """Make, check or measure the sample."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fonts", type=Path, default=Path.home() / ".cache/emnist-lab/fonts", metavar="DIR")
    parser.add_argument("--check", action="store_true", help="make it again and compare with what is there")
    parser.add_argument("--statistics", action="store_true", help="print the statistics of the sample there is")
    chosen = parser.parse_args()
    if chosen.statistics:
        print(statistics_table(SAMPLE.read_bytes()))
        return
    packed, records = make(chosen.fonts)
    page = page_with({"fonts": font_table(records), "statistics": statistics_table(packed)})
    if chosen.check:
        if different := list(differences(packed, records, page)):
            raise SystemExit(f"differs from what is committed: {', '.join(different)}")
        print("the same, byte for byte")
        return
    with write_atomically(SAMPLE) as temporary:
        temporary.write_bytes(packed)
    write_json(FONT_LIST, [asdict(font) for font in records])
    with write_atomically(PAGE) as temporary:
        temporary.write_text(page, encoding="utf-8")
    print(f"{SAMPLE.name}: {len(packed) / 1e6:.2f} MB from {len(records)} fonts")


if __name__ == "__main__":
    main()
