"""Serving: the one place that opens a `.tflite` file; images in, probabilities, features and feature maps out."""
