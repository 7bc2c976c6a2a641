"""The parts of a generated script that read pictures, describe them by a pretrained network, and ask about new ones."""

from __future__ import annotations

from core.export.data import BACKBONE, escaped
from core.export.formats import FORMATS
from core.export.script_cells import Cell, Code, Text, literal
from core.export.script_facts import Facts
from core.export.script_table import encoded
from core.network.pretrained import PRETRAINED
from core.spec import ImageConfig

_READ = """\
CLASSES = {classes}

with zipfile.ZipFile("{archive}") as archive:
    with archive.open("data.csv") as file:
        data = pd.read_csv(file, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    pictures = [tf.io.decode_png(archive.read(name), channels={channels}) for name in data["file"]]
{backbone}
pixels = np.stack(pictures)
part = data["part"].to_numpy()
{unmarked}truth = data["class"].map(CLASSES.index).to_numpy()
{target}
print(data.groupby(["part", "class"]).size())"""
_UNMARKED = """\
# An apostrophe keeps spreadsheets from taking a text for a formula.
data["class"] = data["class"].str.removeprefix("'")
"""
_FEATURES = """\
backbone = keras.models.load_model("{file}")
backbone.trainable = False
x = backbone.predict(pixels, verbose=0)"""


def image_cells(facts: Facts, config: ImageConfig) -> list[Cell]:
    """Reading; behind a pretrained network also what it says about each picture."""
    size, transfer = config.data.size, config.network.backbone != "none"
    about = (
        f"The pictures are as the network sees them, {size} x {size} pixels from 0 to 255. data.csv has the class of "
        "each, and the part that it was in. Copies are in the same part, so that no picture is known from training.",
    )
    source = _READ.format(
        classes=literal(list(facts.classes)),
        archive=FORMATS["data"].file_name,
        channels=config.data.shape[-1],
        backbone=f'    archive.extract("{BACKBONE}")\n' if transfer else "",
        unmarked=_UNMARKED if any(escaped(name) != name for name in facts.classes) else "",
        target=encoded(config.training.loss) + ("" if transfer else "\nx = pixels"),
    )
    return [Text("Data", about), Code(source), *(_features(config) if transfer else [])]


def _features(config: ImageConfig) -> list[Cell]:
    title = PRETRAINED[config.network.backbone].title
    about = (
        f"{title} has learned from 1.2 million photos (ImageNet). It is left as it is, and describes each picture by "
        "numbers; the network learns from these. So each picture is looked at only once.",
    )
    return [Text("Features", about), Code(_FEATURES.format(file=BACKBONE))]


def image_prediction(facts: Facts, config: ImageConfig) -> list[Cell]:
    """Asking the trained network about pictures."""
    size, channels = config.data.size, config.data.shape[-1]
    seen = "backbone.predict(pictures, verbose=0)" if config.network.frozen else "pictures"
    shown = "validation" if "validation" in facts.rows else "train"
    source = f'''\
def picture(path):
    """A picture from a file, such as picture("photo.jpg")[np.newaxis] for predict."""
    found = tf.io.decode_image(tf.io.read_file(path), channels={channels}, expand_animations=False)
    return tf.image.resize(found, ({size}, {size}), antialias=True).numpy()


def predict(pictures):
    """The probability of each class for each picture."""
    return pd.DataFrame(answers({seen}), columns=CLASSES)


print(predict(pixels[part == "{shown}"][:3]))'''
    return [Text("Prediction", ("New pictures go the same way. Here they are the first of data.csv.",)), Code(source)]
