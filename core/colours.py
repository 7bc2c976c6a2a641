"""The colours of every picture, on pages and in files."""

from __future__ import annotations

# Okabe and Ito's colours for colour-blind readers (https://jfly.uni-koeln.de/color/), each moved to a lightness that
# stands out by 3 : 1 from white and from the dark theme's background alike.
TRAIN = "#1A78C2"
VALIDATION = "#D0521B"
CLASS_COLOURS = ("#22A389", "#9D4090", "#B98A00", "#3F99DA", "#A0522D", "#6A5ACD", "#7A9A2E", "#808080")
BASELINE = "#808080"
ACCENT = "#6067CE"
# Layers of a network for pictures: what they are called beside the picture of the network, and their colour.
LAYER_KINDS = {
    "Input": ("picture", TRAIN),
    "Backbone": ("pretrained network", CLASS_COLOURS[1]),
    "Conv2D": ("convolution", ACCENT),
    "MaxPooling2D": ("pooling", CLASS_COLOURS[0]),
    "AveragePooling2D": ("pooling", CLASS_COLOURS[0]),
    "GlobalAveragePooling2D": ("pooling", CLASS_COLOURS[0]),
    "Flatten": ("in one row", CLASS_COLOURS[7]),
    "Dense": ("dense", CLASS_COLOURS[3]),
    "BatchNormalization": ("batch normalization", CLASS_COLOURS[2]),
    "Dropout": ("dropout", CLASS_COLOURS[4]),
    "Output": ("answer", VALIDATION),
}


def class_colour(index: int) -> str:
    """The colour of a class everywhere."""
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]
