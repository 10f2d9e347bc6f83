"""The settings of one training, validated before anything starts."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from emnist_core.errors import RecipeError
from emnist_core.models import MODELS, ModelSpec
from emnist_core.splits import PART_NAMES, SPLITS, DatasetKind, Split

Optimizer = Literal["adam", "adamax", "adadelta", "sgd", "adamw"]
Schedule = Literal["constant", "cosine", "one-cycle"]
Augmentation = Literal["none", "affine", "elastic"]
Mixing = Literal["none", "mixup", "cutmix"]
Prior = Literal["data", "even"]
Keep = Literal["best", "last"]
RunName = Annotated[str, Field(pattern=r"^[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,254}$")]
"""What a run's folder is called: never a path."""

DEFAULT_LEARNING_RATES: dict[str, float] = {
    "adam": 0.001,
    "adamax": 0.001,
    "adadelta": 0.001,
    "sgd": 0.01,
    "adamw": 0.001,
}
"""Keras's own defaults, which the report trained with."""

OLD_NAMES = {
    "source": "dataset_kind",
    "teacher": "teachers",
    "further": "extra_images",
    "norm_images": "batch_norm_images",
}
"""What settings were called in recipes written before, by which they are still read."""


class Recipe(BaseModel):
    """Everything that decides a training, so that the same recipe gives the same run again.

    Attributes:
        model: architecture, a name in ``emnist_core.models.MODELS``.
        split: the EMNIST split to train on.
        dataset_kind: ``"emnist"``, the bundled ``"sample"``, or ``"auto"``: EMNIST where it has been fetched.
        optimizer: Keras optimizer; sgd uses Nesterov momentum 0.9.
        learning_rate: peak learning rate; default: Keras's own for the optimizer.
        schedule: ``"constant"``; ``"cosine"`` down to 0; ``"one-cycle"``: linear warm-up over the first
            30 % of the steps, then cosine down to 0 (Smith and Topin 2017, arXiv:1708.07120).
        weight_decay: decoupled weight decay, for adamw only.
        batch_size: images a step.
        epochs: passes over the training rows.
        dropout: dropout rate; default: the architecture's own.
        l2: L2 factor on convolution kernels; default: the architecture's own.
        augmentation: ``"none"``; ``"affine"``: small random rotations, scalings, shears and shifts;
            ``"elastic"``: affine and a smooth random displacement.
        mixing: ``"none"``; ``"mixup"`` (Zhang and others 2018, arXiv:1710.09412) learns from pairs of images laid
            over each other; ``"cutmix"`` (Yun and others 2019, arXiv:1905.04899) from images with a part of another
            in them; the target is shared as the image is. See ``training.mixing``.
        prior: ``"data"`` learns how frequent each class is in the training rows and leans towards the
            frequent ones; ``"even"`` takes that out of the loss by adding the logarithm of the classes'
            shares to the logits while training (Menon and others 2020, arXiv:2007.07314), so that the
            network answers as if every class were equally likely.
        label_smoothing: share of the target that is spread evenly over the classes.
        teachers: the name of a run whose answers are learned as well as the labels, with the same weight, or the
            names of several, each of which answers to its share of every batch; see ``training.distillation``.
        extra_images: parts of other splits whose images join the training rows, e.g. ``["byclass-train"]``, unless they
            are among the split's own rows, test part included; see ``training.extra_images``.
        batch_norm_images: so many training images, drawn by the seed and not varied, from which batch normalisation's
            statistics are computed again for the weights that are kept, which are then validated again; 0 keeps the
            running averages of the training. See ``training.batch_norm``.
        weight_average: momentum of a moving average of the weights over the steps, which is what is validated
            and kept (Polyak and Juditsky 1992); 0 keeps the weights themselves.
        keep: whose weights are kept: those of the epoch that is ``"best"`` on validation, or of the ``"last"``,
            which is settled before the training and so lets nearly all rows be trained on.
        seed: seed of initial weights, order of images, dropout and augmentation.
        validation_share: share of the training part held out for validation: its last rows, as
            Balanced's authors keep the last sixth.
        train_images: train on only this many of the first rows, to try something quickly.
        precision: ``"mixed_bfloat16"`` is faster for large networks only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = "lenet5-v2"
    split: str = "balanced"
    dataset_kind: DatasetKind = "auto"
    optimizer: Optimizer = "adam"
    learning_rate: float | None = Field(default=None, gt=0, le=10)
    schedule: Schedule = "constant"
    weight_decay: float = Field(default=0.0, ge=0, le=1)
    batch_size: int = Field(default=512, ge=1, le=8192)
    epochs: int = Field(default=10, ge=1, le=1000)
    dropout: float | None = Field(default=None, ge=0, lt=1)
    l2: float | None = Field(default=None, ge=0, le=1)
    augmentation: Augmentation = "none"
    mixing: Mixing = "none"
    prior: Prior = "data"
    label_smoothing: float = Field(default=0.0, ge=0, le=0.5)
    teachers: tuple[RunName, ...] = ()
    extra_images: tuple[str, ...] = ()
    batch_norm_images: int = Field(default=0, ge=0)
    weight_average: float = Field(default=0.0, ge=0, lt=1)
    keep: Keep = "best"
    seed: int = Field(default=1, ge=0, lt=2**31)
    validation_share: float = Field(default=1 / 6, gt=0, le=0.5)
    train_images: int | None = Field(default=None, ge=1)
    precision: Literal["float32", "mixed_bfloat16"] = "float32"

    @model_validator(mode="before")
    @classmethod
    def _rename_old_settings(cls, settings: Any) -> Any:
        """Read a recipe that was written when some settings had other names."""
        if not isinstance(settings, dict):
            return settings
        return {OLD_NAMES.get(name, name): value for name, value in settings.items()}

    @field_validator("teachers", "extra_images", mode="before")
    @classmethod
    def _as_several(cls, names: Any) -> Any:
        """Take a single name, or null, for a list of one, or of none."""
        if names is None:
            return ()
        return (names,) if isinstance(names, str) else names

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse settings that are fine alone and make no sense together."""
        if self.model not in MODELS:
            raise RecipeError("model", f"there is no {self.model!r}; choose one of {', '.join(MODELS)}.")
        if self.split not in SPLITS:
            raise RecipeError("split", f"there is no {self.split!r}; choose one of {', '.join(SPLITS)}.")
        unknown = next((name for name in self.extra_images if name not in PART_NAMES), None)
        if unknown is not None:
            raise RecipeError("extra_images", f"there is no {unknown!r}; give a split and a part, e.g. byclass-train.")
        if any(PART_NAMES[name][0] == self.split for name in self.extra_images):
            raise RecipeError("extra_images", f"a part of {self.split} itself is among them; leave it out.")
        if self.dropout is not None and self.spec.dropout is None:
            raise RecipeError("dropout", f"{self.model} has no dropout layer; leave it out.")
        if self.weight_decay and self.optimizer != "adamw":
            raise RecipeError("weight_decay", f"only adamw uses it, not {self.optimizer}; set it to 0.")
        if len(self.teachers) > self.batch_size:
            raise RecipeError("batch_size", f"{self.batch_size} images are too few for {len(self.teachers)} teachers.")
        if self.train_images is not None and self.batch_size > self.train_images:
            raise RecipeError("batch_size", f"{self.batch_size} is more than the {self.train_images} training images.")
        return self

    @classmethod
    def parse(cls, settings: dict[str, Any]) -> "Recipe":
        """Validate ``settings``; raises ``RecipeError`` naming the first field at fault."""
        try:
            return cls(**settings)
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0]) if first["loc"] else "recipe"
            if first["type"] == "extra_forbidden":
                raise RecipeError(field, "there is no such setting; leave it out.") from None
            raise RecipeError(field, f"{first['msg']}, not {first['input']!r}.") from None

    @property
    def spec(self) -> ModelSpec:
        """The architecture."""
        return MODELS[self.model]

    @property
    def split_spec(self) -> Split:
        """The split."""
        return SPLITS[self.split]

    @property
    def peak_learning_rate(self) -> float:
        """The learning rate, with the optimizer's default filled in."""
        return self.learning_rate or DEFAULT_LEARNING_RATES[self.optimizer]

    def divide(self, images: int) -> tuple[int, int]:
        """Return how many of ``images`` rows train and where validation begins.

        Raises:
            RecipeError: when nothing would be left to train or validate on, or not one full batch.
        """
        validation = round(images * self.validation_share)
        begin = images - validation
        training = min(begin, self.train_images or begin)
        if validation < 1 or training < 1:
            left = f"{begin} of {images} images to train on and {validation} to validate on"
            raise RecipeError("validation_share", f"it leaves {left}; give both at least one.")
        if self.batch_size > training:
            raise RecipeError("batch_size", f"{self.batch_size} is more than the {training} training images.")
        return training, begin

    def steps(self, images: int) -> int:
        """How many steps are taken over all epochs when ``images`` train."""
        return -(-images // self.batch_size) * self.epochs
