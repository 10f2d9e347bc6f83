"""Why a model answered as it did, and what it could have known: from the serving model, without TensorFlow."""
