"""The part of a generated script that trains the network, behind a pretrained one in two phases."""

from __future__ import annotations

from dataclasses import replace

from core.export.script_augmentation import augmentation_layers, augmentation_seeds
from core.export.script_cells import Cell, Code, Text, literal
from core.export.script_facts import Facts
from core.export.script_network import listed
from core.network.pretrained import PRETRAINED
from core.spec import ImageConfig, TrainingSpec
from core.training.fit import WATCHED_ROWS
from core.training.image_fit import fine_tuning

OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}
_BATCHES = '''\
class Batches(keras.utils.PyDataset):
    """Training rows in a new order in each epoch; the same seed gives the same orders."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y, self.epoch, self.order = x, y, 0, np.arange(len(x))

    def on_epoch_begin(self):
        self.epoch += 1
        self.order = np.random.default_rng([SEED, 2, self.epoch]).permutation(len(self.x))

    def __len__(self):
        return {count}

    def __getitem__(self, number):
        rows = {rows}
        return self.x[rows], self.y[rows]


'''
_CLASS_WEIGHTS = """\
learned = truth[part == "train"]
weights = compute_class_weight("balanced", classes=np.unique(learned), y=learned)
"""


def training_cells(facts: Facts, network: str) -> list[Cell]:
    """Training ``network`` on ``x`` and ``y``, with the constants of Setup."""
    training = facts.config.training
    about = [_ORDER]
    if facts.stops:
        about.append(_STOPPING.format(part=facts.watched))
    if facts.stops and _penalised(facts):
        about.append(_WITHOUT_PENALTY)
    if training.class_weights:
        about.append("Rare classes count more: every class has the same say in the cost, however few rows it has.")
    if facts.dense is None:
        about.append(_CONVOLUTIONS)
    source = (
        _batches(facts) + _watched(facts) + _compile(facts, network, "LEARNING_RATE", training, facts.dense is not None)
    )
    return [Text("Training", tuple(about)), Code(source + _fit(facts, network, "x", "EPOCHS", "PATIENCE"))]


_ORDER = (
    "Keras would shuffle the rows by itself. Here they come in the very order of the app, so that the scores at the "
    "end can be held against each other."
)
_STOPPING = (
    "Training stops when the cost of the {part} rows has not gone down for some epochs (early stopping), and goes back "
    "to the weights of the best epoch. What counts as better must beat the network before training, too."
)
_CONVOLUTIONS = "On a processor, convolutions are quickest without XLA: that is what jit_compile=False says."
_WITHOUT_PENALTY = "The cost that is looked at for this is the one without the weight penalty."


def _batches(facts: Facts) -> str:
    if facts.start.steps:
        count, rows = str(facts.start.steps), "np.array_split(self.order, len(self))[number]"
    else:
        count = "-(-len(self.x) // BATCH_SIZE)"
        rows = "self.order[number * BATCH_SIZE : (number + 1) * BATCH_SIZE]"
    return _BATCHES.format(count=count, rows=rows)


def _watched(facts: Facts) -> str:
    """Code for which rows are looked at after each epoch."""
    if not facts.watched:
        return ""
    line = f'watched = np.flatnonzero(part == "{facts.watched}")\n'
    if facts.dense is not None and facts.rows[facts.watched] > WATCHED_ROWS:
        line += f"watched = np.sort(np.random.default_rng(0).choice(watched, {WATCHED_ROWS:_}, replace=False))\n"
    return line


def _penalised(facts: Facts) -> bool:
    return any(facts.config.network.regularization.rates)


def _compile(facts: Facts, network: str, rate: str, training: TrainingSpec, dense: bool) -> str:
    metrics = [f'"{training.loss}"'] * (facts.stops and _penalised(facts))
    metrics += ['"accuracy"'] * (bool(facts.classes) and training.loss != "hinge")
    more = [f"metrics=[{', '.join(metrics)}]"] if metrics else []
    if not dense:
        more.append("jit_compile=False")
    lines = [f"optimizer=keras.optimizers.{OPTIMIZERS[training.optimizer]}({rate})", f'loss="{training.loss}"', *more]
    return f"{network}.compile(\n" + "".join(f"    {line},\n" for line in lines) + ")\n"


def _fit(facts: Facts, network: str, x: str, epochs: str, patience: str, kept: bool = False) -> str:
    """Code that trains; with ``kept``, what an earlier phase led to stays where no epoch improves it."""
    training, given = facts.config.training, [f'Batches({x}[part == "train"], y[part == "train"])', f"epochs={epochs}"]
    before = after = ""
    if facts.watched:
        given.append(f"validation_data=({x}[watched], y[watched])")
        given += ["validation_batch_size=1024"] * (not kept and facts.dense is not None)
    if facts.stops:
        cost = training.loss if _penalised(facts) else "loss"
        before = _stopping(network, x, cost, patience)
        given.append("callbacks=[stopping]")
        if kept or facts.kept_start:
            before = f"start = {network}.get_weights()\n{before}"
            after = (
                f'\nif stopping.best >= untrained["{cost}"]:  # No epoch was better than the start.\n'
                f"    {network}.set_weights(start)"
            )
    if training.class_weights:
        before += "" if kept else _CLASS_WEIGHTS
        given.append("class_weight=dict(enumerate(weights))")
    arguments = "".join(f"    {each},\n" for each in [*given, "shuffle=False", "verbose=2"])
    return f"{before}{network}.fit(\n{arguments}){after}"


def _stopping(network: str, x: str, cost: str, patience: str) -> str:
    return (
        f"untrained = {network}.evaluate({x}[watched], y[watched], verbose=0, return_dict=True)\n"
        "stopping = keras.callbacks.EarlyStopping(\n"
        f'    monitor="val_{cost}",\n    mode="min",\n    patience={patience},\n    restore_best_weights=True,\n'
        f'    baseline=untrained["{cost}"],\n)\n'
    )


def fine_tuning_cells(facts: Facts, config: ImageConfig) -> list[Cell]:
    """The second phase behind a pretrained network: its last blocks learn too, in small steps."""
    blocks = config.network.fine_tune_blocks
    training = fine_tuning(config.training, config.network.fine_tune_learning_rate)
    prefixes = tuple(block.prefix for block in PRETRAINED[config.network.backbone].tuned(blocks))
    varied = augmentation_layers(config.augmentation)
    inner = listed(["layers.Rescaling(1 / 255)", *varied, "layers.Rescaling(255)"])
    augmentation = f"augmentation = keras.Sequential(\n{inner}\n)\n" if varied else ""
    seen = "augmentation(pixels_in)" if varied else "pixels_in"
    source = (
        f"TUNED = {literal(prefixes)}\n"
        "backbone.trainable = True\n"
        "for layer in backbone.layers:\n"
        "    kernels = isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D))\n"
        "    layer.trainable = kernels and layer.name.startswith(TUNED)\n\n"
        f"{augmentation_seeds(config.augmentation)}{augmentation}"
        f"pixels_in = keras.Input({config.data.shape!r})\n"
        f"model = keras.Model(pixels_in, head(backbone({seen}, training=False)))\n\n"
        + _compile(facts, "model", repr(training.learning_rate), training, dense=False)
        + _fit(
            replace(facts, kept_start=False), "model", "pixels", str(training.epochs), str(training.patience), kept=True
        )
        + "\nx = pixels"
    )
    about = (
        f"Now the last {'block learns' if blocks == 1 else f'{blocks} blocks learn'} too, in small steps, so that what "
        "the pretrained network knows is not washed away. Its batch normalization stays as it is.",
    )
    return [Text("Fine-tuning", about), Code(source)]
