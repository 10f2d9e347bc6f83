"""A 64-bit hash of every image, to know an image again without keeping it.

EMNIST's splits are separate random draws from the same 814,255 images, so a model trained on one split has
seen part of another's test part. Eight bytes an image are enough to leave those out: among 112,800 trained
and 18,800 tested images two different ones share a hash with a probability of about 1e-10.

The hash is a sum over the image's 98 words of 64 bits, each scrambled by xor-shifts and odd multipliers (the
finalizer of MurmurHash3 and SplitMix64, Steele, Lea and Flood 2014) with a key of its own place. It is no
cryptographic hash: nobody gains by making images that collide.
"""

from pathlib import Path

import numpy as np

from emnist_core.arrays import Hashes, Images, Mask
from emnist_core.files import write_atomically

WORDS = 28 * 28 // 8
AT_ONCE = 1024
"""Images hashed at a time: their words stay in the processor's cache."""

_PLACES = np.random.Generator(np.random.PCG64(20170217)).integers(1, 2**64, (2, WORDS), np.uint64)
_KEYS, _FACTORS = _PLACES[0], _PLACES[1] | np.uint64(1)


def hashes(images: Images) -> Hashes:
    """The hash of each image: uint8 (N, 28, 28) → uint64 (N,). The same on every machine."""
    words = np.ascontiguousarray(images).reshape(len(images), 8 * WORDS).view("<u8")
    hashed = np.empty(len(words), np.uint64)
    for begin in range(0, len(words), AT_ONCE):
        hashed[begin : begin + AT_ONCE] = _hashed(words[begin : begin + AT_ONCE])
    return hashed


def _hashed(words: Hashes) -> Hashes:
    mixed = words ^ _KEYS
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(29)
    mixed *= _FACTORS
    total = mixed.sum(axis=1, dtype=np.uint64)
    total ^= total >> np.uint64(33)
    total *= np.uint64(0xC4CEB9FE1A85EC53)
    settled: Hashes = total ^ (total >> np.uint64(33))
    return settled


def known(images: Images, seen: Hashes) -> Mask:
    """Which images (uint8 (N, 28, 28)) are among those of ``seen`` (uint64, sorted): bool (N,)."""
    if len(seen) == 0:
        return np.zeros(len(images), bool)
    own = hashes(images)
    is_known: Mask = seen[np.minimum(np.searchsorted(seen, own), len(seen) - 1)] == own
    return is_known


def save(path: Path, images: Images, also: Hashes | None = None) -> None:
    """Keep the hashes of ``images`` (uint8 (N, 28, 28)) and those that are given ``also``, sorted and each once."""
    own = hashes(images)
    with write_atomically(path) as temporary:
        np.save(temporary, np.unique(own if also is None else np.append(own, also)), allow_pickle=False)


def read(path: Path) -> Hashes:
    """Open kept hashes, uint64 sorted; raises ``OSError`` or ``ValueError`` when they are not there or damaged."""
    seen: Hashes = np.load(path, allow_pickle=False)
    if seen.dtype != np.uint64 or seen.ndim != 1 or (len(seen) > 1 and not (seen[1:] > seen[:-1]).all()):
        raise ValueError("these are no sorted hashes")
    return seen
