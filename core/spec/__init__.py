"""What was chosen: frozen models from which widgets, checks, JSON and flags follow."""

from core.spec.augmentation import Augmentation
from core.spec.base import Spec, choice
from core.spec.data import MISSING_MARKERS, TASK_WORDS, DataSpec, Join, SplitSpec, TableFormat, TableSource, Task
from core.spec.images import SIZES, Color, ImageData, ImageSource
from core.spec.network import (
    IMAGE_LAYERS,
    LAYERS,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    ImageLayer,
    ImageNetworkSpec,
    Layer,
    MaxPooling2D,
    NetworkSpec,
    Regularization,
)
from core.spec.run import AnyConfig, Config, ImageConfig, Origin, RunConfig, parse_config
from core.spec.study import Grid, Member, Setting, StudySpec
from core.spec.training import LOSS_WORDS, LOSSES, OUTPUTS, TrainingSpec, output_units

__all__ = [
    "IMAGE_LAYERS",
    "LAYERS",
    "LOSSES",
    "LOSS_WORDS",
    "MISSING_MARKERS",
    "OUTPUTS",
    "SIZES",
    "TASK_WORDS",
    "AnyConfig",
    "Augmentation",
    "AveragePooling2D",
    "BatchNormalization",
    "Color",
    "Config",
    "Conv2D",
    "DataSpec",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "Grid",
    "ImageConfig",
    "ImageData",
    "ImageLayer",
    "ImageNetworkSpec",
    "ImageSource",
    "Join",
    "Layer",
    "MaxPooling2D",
    "Member",
    "NetworkSpec",
    "Origin",
    "Regularization",
    "RunConfig",
    "Setting",
    "Spec",
    "SplitSpec",
    "StudySpec",
    "TableFormat",
    "TableSource",
    "Task",
    "TrainingSpec",
    "choice",
    "output_units",
    "parse_config",
]
