"""The loop for images: learns, varies only what is learned from, stops in time, resumes exactly."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.network.cnn import build_cnn
from core.network.outputs import encode_for_loss
from core.run_files import npz
from core.spec import TrainingSpec
from core.spec.augmentation import Augmentation
from core.spec.network import ImageNetworkSpec
from core.training.fit import Epoch, FitState, Watch
from core.training.image_fit import ImageLearner, Images, fine_tuning, fit_images
from core.training.shape import Group

SHAPE = (8, 8, 1)
TRAINING = TrainingSpec(loss="binary_crossentropy", batch_size=8, learning_rate=0.02, epochs=4, early_stopping=False)
GROUP = Group(np.arange(30), np.arange(30, 48), seed=5)
LAYERS = [{"kind": "Conv2D", "filters": 4}, {"kind": "MaxPooling2D"}, {"kind": "BatchNormalization"}]
NETWORK = ImageNetworkSpec.parse({"layers": [*LAYERS, {"kind": "Flatten"}], "regularization": {"dropout": 0.2}})
PLAIN = ImageNetworkSpec.parse({"layers": [LAYERS[0], LAYERS[1], {"kind": "Flatten"}]})
VARIED = Augmentation(rotate=0.1, brightness=0.1, noise=0.1)


def stripes(count: int = 48) -> Images:
    """Class 0 has bright rows, class 1 bright columns, somewhere, in noise."""
    random = np.random.default_rng(0)
    y = np.arange(count) % 2
    pixels = random.integers(0, 80, (count, *SHAPE), dtype=np.uint8)
    for image, kind in zip(pixels, y, strict=True):
        lines = image[random.integers(8)] if kind == 0 else image[:, random.integers(8)]
        lines += 150
    return Images(pixels, encode_for_loss("binary_crossentropy", y, 2, 0.0, 1.0))


def learner(
    network: ImageNetworkSpec = NETWORK, training: TrainingSpec = TRAINING, varied: Augmentation | None = None
) -> ImageLearner:
    return ImageLearner(build_cnn(network, training.loss, SHAPE, 2, seed=1), training, varied)


@dataclass
class Told:
    """Keeps what the loop tells; wishes to stop at question ``stop_at``."""

    stop_at: int = 10**9
    epochs: list[Epoch] = field(default_factory=list)
    asked: int = 0

    def stop(self) -> bool:
        self.asked += 1
        return self.asked >= self.stop_at

    @property
    def watch(self) -> Watch:
        return Watch(epoch=lambda epoch, state: self.epochs.append(epoch), stop=self.stop)


def test_network_learns_from_a_memory_map_and_tells_every_epoch(tmp_path: Path) -> None:
    images = stripes()
    np.save(tmp_path / "pixels.npy", images.pixels)
    mapped = Images(np.load(tmp_path / "pixels.npy", mmap_mode="r"), images.target)
    told = Told()
    state = fit_images(learner(PLAIN), mapped, GROUP, TRAINING.change(epochs=25), told.watch)
    assert [epoch.epoch for epoch in told.epochs] == list(range(26))
    assert told.epochs[-1].loss.shape == (2, 1, 1)
    assert told.epochs[0].metric[1, 0, 0] < 0.8
    assert told.epochs[-1].metric[1, 0, 0] > 0.9
    assert told.epochs[-1].loss[0, 0, 0] < 0.3 * told.epochs[0].loss[0, 0, 0]
    assert state.epoch == 25
    assert not state.diverged.any()


def test_steps_are_those_of_keras_own_fit() -> None:
    """The same start, batches and loss; a penalty, and class weights."""
    network = PLAIN.change(regularization={"kernel_regularizer": "l2", "l2": 0.05})
    plain = stripes()
    images = Images(plain.pixels, plain.target, np.where(plain.target > 0, 3.0, 0.5).astype(np.float32))
    group, training = Group(np.arange(24), np.arange(24, 48)), TRAINING.change(batch_size=24, epochs=5)
    told = Told()
    ours, theirs = learner(network), learner(network).model
    fit_images(ours, images, group, training, told.watch)
    theirs.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", weighted_metrics=["accuracy"])
    history = theirs.fit(
        images.pixels[:24], images.target[:24], 24, 5, 0, sample_weight=images.weight[:24], shuffle=False
    ).history
    for a, b in zip(ours.model.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-4)
    penalty = theirs.get_layer("output").kernel.numpy()
    assert history["loss"][-1] - told.epochs[-1].loss[0, 0, 0] > 0.01 * np.square(penalty).sum()


def test_early_stopping_ends_with_the_best_weights() -> None:
    training = TRAINING.change(epochs=60, early_stopping=True, patience=3, learning_rate=0.5)
    told, images, own = Told(), stripes(), learner(PLAIN, training)
    state = fit_images(own, images, GROUP, training, told.watch)
    losses = [epoch.loss[1, 0, 0] for epoch in told.epochs]
    assert state.epoch == np.argmin(losses) + 3 < 60
    assert state.best_epoch.tolist() == [[np.argmin(losses)]]
    probability = own.model(images.pixels[GROUP.watch]).numpy()[:, 0].astype(np.float64)
    y = images.target[GROUP.watch]
    logged = -np.log(np.clip(np.where(y > 0, probability, 1 - probability), 1e-30, 1)).mean()
    assert logged == pytest.approx(min(losses), rel=1e-3)


def through_a_file(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    path.write_bytes(npz(arrays))
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def test_resumed_training_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    images, whole, second = stripes(), learner(varied=VARIED), learner(varied=VARIED)
    told, again, kept = Told(), Told(), {}

    def checkpoint(state: FitState) -> None:
        if state.epoch == 2:
            kept.update(through_a_file(whole.state() | state.arrays(), tmp_path / "checkpoint.npz"))

    fit_images(whole, images, GROUP, TRAINING, replace(told.watch, checkpoint=checkpoint))
    second.model.set_weights([np.zeros_like(w) for w in second.model.get_weights()])
    second.restore(kept)
    fit_images(second, images, GROUP, TRAINING, again.watch, FitState.of(kept))
    for a, b in zip(whole.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for one, other in zip(told.epochs[3:], again.epochs, strict=True):
        np.testing.assert_array_equal(one.loss, other.loss)
    assert second.best_loss == whole.best_loss


def test_a_stop_is_heard_after_every_step_and_the_best_weights_stay() -> None:
    images, training = stripes(), TRAINING.change(epochs=50, early_stopping=True)
    counted, own = Told(), learner(training=training)
    start = own.state()
    fit_images(own, images, GROUP, training.change(epochs=1), counted.watch)
    assert counted.asked >= 1 + 4 + 2
    for question in range(1, counted.asked + 1):
        told = Told(stop_at=question)
        own.restore(start)
        fit_images(own, images, GROUP, training, told.watch)
        assert told.asked == question
        assert len(told.epochs) <= 2
        own_loss = min([epoch.loss[1, 0, 0] for epoch in told.epochs], default=np.inf)
        assert own.best_loss == own_loss


def test_only_images_that_are_learned_from_are_varied() -> None:
    """A network that never changes is scored the same in every epoch, however much the learned images vary."""
    training = TRAINING.change(learning_rate=1e-30)
    calm, varied = Told(), Told()
    fit_images(learner(PLAIN, training), stripes(), GROUP, training, calm.watch)
    strong = Augmentation(brightness=1.0, noise=1.0)
    own = learner(PLAIN, training, strong)
    fit_images(own, stripes(), GROUP, training, varied.watch)
    for one, other in zip(calm.epochs, varied.epochs, strict=True):
        np.testing.assert_allclose(one.loss[1], other.loss[1], rtol=1e-5)
    assert abs(calm.epochs[1].loss[0, 0, 0] - calm.epochs[0].loss[0, 0, 0]) < 1e-5
    learned = [epoch.loss[0, 0, 0] for epoch in varied.epochs[1:]]
    assert min(abs(loss - calm.epochs[0].loss[0, 0, 0]) for loss in learned) > 1e-4
    assert len(set(learned)) == len(learned)


def test_augmentation_never_reaches_an_answer() -> None:
    images, own = stripes(), learner(varied=VARIED)
    before = own.model(images.pixels).numpy()
    np.testing.assert_array_equal(before, learner().model(images.pixels).numpy())
    fit_images(own, images, GROUP, TRAINING.change(epochs=1), Told().watch)
    answers = [own.model(images.pixels).numpy(), own.model.predict(images.pixels, verbose=0)]
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-6)
    assert not [layer for layer in own.model.layers if layer.name.startswith(("random", "augmentation"))]


def test_a_training_that_runs_away_ends() -> None:
    training = TRAINING.change(optimizer="sgd", learning_rate=10.0, epochs=30, loss="hinge")
    images = stripes()
    images.weight[:] = 1e30
    state = fit_images(learner(PLAIN, training), images, GROUP, training, Told().watch)
    assert state.diverged.all()
    assert state.epoch < 30


def test_fine_tuning_takes_small_steps_and_not_for_long() -> None:
    tuned = fine_tuning(TRAINING.change(epochs=40, patience=10), 1e-5)
    assert (tuned.learning_rate, tuned.epochs, tuned.patience, tuned.loss) == (1e-5, 20, 5, TRAINING.loss)


def test_faint_augmentation_hardly_changes_what_is_learned_from() -> None:
    training = TRAINING.change(learning_rate=1e-30, epochs=1)
    calm, faint = Told(), Told()
    fit_images(learner(PLAIN, training), stripes(), GROUP, training, calm.watch)
    fit_images(learner(PLAIN, training, Augmentation(brightness=0.001)), stripes(), GROUP, training, faint.watch)
    np.testing.assert_allclose(faint.epochs[1].loss, calm.epochs[1].loss, rtol=1e-3)
