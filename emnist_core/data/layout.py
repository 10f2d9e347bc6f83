"""Which files make up a part of a split, by their names, and how they become one dataset."""

from emnist_core.data import formats, mat, provenance
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.data.sources import Source
from emnist_core.errors import DataError
from emnist_core.splits import Part, Split


def idx_names(split: Split, part: Part) -> tuple[str, str]:
    """NIST's names of the files of images and labels, unpacked."""
    stem = f"emnist-{split.name}-{part}"
    return f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte"


def csv_name(split: Split, part: Part) -> str:
    """Kaggle's name of the file of a part."""
    return f"emnist-{split.name}-{part}.csv"


def mat_name(split: Split) -> str:
    """NIST's name of the MATLAB file of a split, which has both parts."""
    return f"emnist-{split.name}.mat"


def files_of(source: Source, split: Split, part: Part) -> list[str]:
    """The names of the files that make up ``part`` in ``source``: images and labels, one file, or none.

    Raises ``DataError`` when there are images without labels, or the other way round.
    """
    present = source.names()

    def packed_or_not(name: str) -> list[str]:
        return [candidate for candidate in (f"{name}.gz", name) if candidate in present][:1]

    images, labels = (packed_or_not(name) for name in idx_names(split, part))
    single = packed_or_not(csv_name(split, part)) or packed_or_not(mat_name(split))
    if bool(images) != bool(labels) and not single:
        alone = (images or labels)[0]
        lacking = idx_names(split, part)[bool(images)]
        raise DataError(f"{source.origin} has {alone} without {lacking}.gz; put both in one place.")
    return images + labels if images and labels else single


def read_part(source: Source, split: Split, part: Part, names: list[str]) -> Dataset:
    """Read the files called ``names`` into one dataset, not yet kept."""
    writers = None
    if names[0].endswith(".mat"):
        images, labels, writers = mat.read_mat(source.open(names[0]), split, part, names[0])
    elif len(names) == 1:
        images, labels = formats.read_csv(source.open(names[0]), split, names[0])
    else:
        images = formats.read_idx_images(source.open(names[0]), names[0])
        labels = formats.read_idx_labels(source.open(names[1]), split, names[1])
    if len(images) != len(labels):
        raise DataError(
            f"{names[0]} has {len(images):,} images and {names[1]} has {len(labels):,} labels; "
            "download both again from one place."
        )
    if source.official and not provenance.may_be_official(split, part, labels):
        raise DataError(
            f"{source.origin} sends other labels than the official {split.title} {part} part has; "
            "tell the project, and take another source until then."
        )
    name = provenance.name_of(split, part, labels)
    notes = provenance.notes_of(split, labels)
    sha256 = content_hash(images, labels)
    return Dataset(split, part, images, labels, sha256, name, False, notes, writers)
