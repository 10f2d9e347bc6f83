"""The directions in which points, or images as points, differ most (principal components)."""

from dataclasses import dataclass

import numpy as np

from emnist_core.arrays import Images, Points
from emnist_core.data.streaming import gather, pieces, spread_rows

FITTED_TO = 12_000
"""Images that the directions are found from; more change them by less than a thousandth."""


@dataclass(frozen=True)
class Pca:
    """Directions found in images.

    Attributes:
        centre: the mean of the images, float32 ``(784,)``, ink in [0, 1].
        directions: float32 ``(784, count)``, orthonormal, the one with the most variance first.
    """

    centre: Points
    directions: Points

    def project(self, images: Images | Points) -> Points:
        """Images ``(N, 28, 28)`` as points ``(N, count)``; distances are of ink in [0, 1] summed over 784 pixels."""
        points = np.empty((len(images), self.directions.shape[1]), np.float32)
        scaled = self.directions / np.float32(255)
        shift = self.centre @ self.directions
        for start, piece in pieces(images):
            flat = piece.reshape(len(piece), -1).astype(np.float32)
            points[start : start + len(piece)] = flat @ scaled - shift
        return points


def principal_directions(centred: Points, count: int) -> Points:
    """The ``count`` directions of most variance of points ``(N, D)`` with mean 0: orthonormal, ``(D, count)``."""
    directions = np.linalg.eigh((centred.T @ centred).astype(float))[1][:, ::-1][:, :count]
    # A direction is as good as its opposite; the same data gives the same points.
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    return (directions * np.where(largest < 0, -1, 1)).astype(np.float32)


def fit(images: Images, count: int, most: int = FITTED_TO) -> Pca:
    """The ``count`` directions of most variance of images ``(N, 28, 28)``, found from ``most`` spread evenly."""
    flat = gather(images, spread_rows(len(images), most)).reshape(-1, images[0].size).astype(np.float32)
    flat /= 255
    centre = flat.mean(axis=0)
    flat -= centre
    return Pca(centre, principal_directions(flat, count))


def plane(points: Points) -> Points:
    """Points ``(N, D)`` along the two directions in which they differ most: float32 ``(N, 2)``; 0 for fewer than 3."""
    if len(points) < 3:
        return np.zeros((len(points), 2), np.float32)
    centred = points - points.mean(axis=0)
    projected: Points = (centred @ principal_directions(centred, 2)).astype(np.float32)
    return projected
