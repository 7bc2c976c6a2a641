"""What was chosen: frozen models from which widgets, checks, JSON and flags follow."""

from core.spec.base import Spec, choice
from core.spec.data import MISSING_MARKERS, TASK_WORDS, DataSpec, Join, SplitSpec, TableFormat, TableSource, Task
from core.spec.images import SIZES, Color, ImageData, ImageSource
from core.spec.network import LAYERS, BatchNormalization, Dense, Dropout, Layer, NetworkSpec, Regularization
from core.spec.run import Origin, RunConfig
from core.spec.study import Grid, Member, Setting, StudySpec
from core.spec.training import LOSS_WORDS, LOSSES, OUTPUTS, TrainingSpec, output_units

__all__ = [
    "LAYERS",
    "LOSSES",
    "LOSS_WORDS",
    "MISSING_MARKERS",
    "OUTPUTS",
    "SIZES",
    "TASK_WORDS",
    "BatchNormalization",
    "Color",
    "DataSpec",
    "Dense",
    "Dropout",
    "Grid",
    "ImageData",
    "ImageSource",
    "Join",
    "Layer",
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
]
