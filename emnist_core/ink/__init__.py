"""From ink to EMNIST images: a canvas, a picture, a word."""
