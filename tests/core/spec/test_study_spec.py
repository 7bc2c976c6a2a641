"""What may be compared, which settings and networks that makes, and the runs that its members are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.spec import DataSpec, Grid, Member, NetworkSpec, RunConfig, Setting, StudySpec, TableSource, TrainingSpec

DATA = DataSpec(source=TableSource(fingerprint="0" * 64, name="t.csv"), target="y", task="binary")
DEEP = {
    "preset": "custom",
    "layers": [
        {"kind": "BatchNormalization"},
        {"kind": "Dense", "units": 6, "activation": "tanh"},
        {"kind": "Dropout", "rate": 0.2},
        {"kind": "Dense", "units": 3},
    ],
    "regularization": {"kernel_regularizer": "l2", "l1": 0.07, "l2": 0.05, "dropout": 0.4},
    "output_initializer": "zeros",
}
FLAT = {"preset": "wide", "layers": []}


def study(grid: dict, network: dict = DEEP, **values: object) -> StudySpec:
    run = RunConfig(data=DATA, network=NetworkSpec.parse(network), training=TrainingSpec(seed=2**31 - 1))
    return StudySpec.parse({"run": run.model_dump(), "grid": grid, **values})


@pytest.mark.parametrize(
    "grid",
    [
        {"l2": [-1e-9]},
        {"l1": [10.1]},
        {"dropout": [0.91]},
        {"l2": [float("nan")]},
        {"l1": [float("inf")]},
        {"units": [0]},
        {"units": [4097]},
        {"depth": [-1]},
        {"depth": [11]},
        {"units": [2.5]},
        {"l2": []},
        {"l2": [0.1] * 51},
        {"momentum": [0.9]},
    ],
)
def test_rates_and_sizes_out_of_range_are_refused(grid: dict) -> None:
    with pytest.raises(UserError) as caught:
        study(grid)
    assert "grid" in caught.value.problem


@pytest.mark.parametrize(("folds", "seeds"), [(0, 3), (21, 1), (5, 0), (5, 51), (1, 1)])
def test_how_often_is_bounded_and_at_least_twice(folds: int, seeds: int) -> None:
    with pytest.raises(UserError):
        study({}, folds=folds, seeds=seeds)
    assert study({}, folds=2, seeds=1).folds == 2


def test_too_many_networks_are_refused_without_making_them() -> None:
    fifty = [place / 100 for place in range(50)]
    with pytest.raises(UserError, match=r"125,000 settings x 5 folds x 3 seeds are 1,875,000 networks; at most 2,000"):
        study({"l1": fifty, "l2": fifty, "dropout": fifty})
    assert len(study({"l2": fifty[:40]}, folds=10, seeds=5).members) == 2000


def test_equal_values_count_once_and_settings_go_from_little_to_much() -> None:
    grid = Grid.parse({"l2": [0.1, 0.0, 0.1, -0.0], "dropout": [0.5, 0.5], "depth": [2, 1, 2]})
    assert grid.size == 4 == len(grid.settings)
    assert [(each.l2, each.depth) for each in grid.settings] == [(0.0, 1), (0.0, 2), (0.1, 1), (0.1, 2)]
    assert grid.varied == ("l2", "depth")


AXES = {
    "l1": st.floats(0, 10),
    "l2": st.floats(0, 10),
    "dropout": st.floats(0, 0.9),
    "units": st.integers(1, 4096),
    "depth": st.integers(0, 10),
}


@settings(max_examples=50, deadline=None)
@given(st.fixed_dictionaries({name: st.lists(each, min_size=1, max_size=3) for name, each in AXES.items()}))
def test_settings_are_every_combination_once(values: dict) -> None:
    grid = Grid.parse(values)
    assert len(set(grid.settings)) == len(grid.settings) == grid.size
    for name in AXES:
        assert {getattr(each, name) for each in grid.settings} == set(values[name])
        assert (name in grid.varied) == (len(set(values[name])) > 1)


def test_setting_says_what_it_is() -> None:
    assert Setting(0, 0, 0, None, None).words == "no regularization"
    assert Setting(0.01, 1e-5, 0.3, 16, 1).words == "L1 0.01, L2 0.00001, dropout 0.3, 16 neurons, 1 layer"
    assert Setting(0, 0, 0, None, 0).words == "no regularization, 0 layers"


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"l2": [0, 0.1]}, ("no regularization", "L2 0.1")),
        ({"l1": [0, 0.1], "l2": [1.5]}, ("no L1", "L1 0.1")),
        (
            {"l1": [0, 0.1], "l2": [1], "dropout": [0, 0.3]},
            ("no L1 or dropout", "dropout 0.3", "L1 0.1", "L1 0.1, dropout 0.3"),
        ),
        ({"l2": [0], "units": [2, 4]}, ("2 neurons", "4 neurons")),
        (
            {"l2": [0, 1], "depth": [1, 2]},
            ("no regularization, 1 layer", "no regularization, 2 layers", "L2 1, 1 layer", "L2 1, 2 layers"),
        ),
        ({"l2": [0.1]}, ("L2 0.1",)),
    ],
)
def test_words_of_a_setting_name_only_what_differs(grid: dict, words: tuple[str, ...]) -> None:
    assert study(grid=grid).words == words


@pytest.mark.parametrize(("l1", "l2", "kind"), [(0, 0, "none"), (0.3, 0, "l1"), (0, 0.2, "l2"), (0.3, 0.2, "l1_l2")])
def test_network_has_exactly_the_rates_of_its_setting(l1: float, l2: float, kind: str) -> None:
    spec = study({"l1": [l1], "l2": [l2], "dropout": [0.1]})
    network = spec.network(spec.settings[0])
    own = network.regularization
    assert (own.kernel_regularizer, own.rates, own.dropout) == (kind, (l1, l2), 0.1)
    assert network.layers == spec.run.network.layers
    assert (network.preset, network.output_initializer) == ("custom", "zeros")


def test_preset_keeps_its_name_only_while_it_is_the_preset() -> None:
    small = {"preset": "small", "regularization": {"kernel_regularizer": "l2", "l2": 0.05}}
    spec = study({"l2": [0.05, 0.1]}, small)
    assert [spec.network(each).preset for each in spec.settings] == ["small", "custom"]
    assert spec.network(spec.settings[0]) == spec.run.network


def test_width_changes_every_dense_layer_and_nothing_else() -> None:
    spec = study({"units": [9]})
    layers = spec.network(spec.settings[0]).layers
    assert [getattr(layer, "units", layer.kind) for layer in layers] == ["BatchNormalization", 9, "Dropout", 9]
    assert layers[1].activation == "tanh"


@pytest.mark.parametrize(("units", "expected"), [([], 6), ([9], 9)])
def test_depth_repeats_the_first_hidden_layer(units: list[int], expected: int) -> None:
    spec = study({"l2": [0], "depth": [0, 3], "units": units})
    none, three = (spec.network(each).layers for each in spec.settings)
    assert none == ()
    assert [(layer.units, layer.activation) for layer in three] == [(expected, "tanh")] * 3


def test_network_without_hidden_layers_gets_ordinary_ones() -> None:
    spec = study({"l2": [0], "depth": [0, 2], "units": [5]}, FLAT)
    none, two = (spec.network(each).layers for each in spec.settings)
    assert none == ()
    assert [(layer.units, layer.activation) for layer in two] == [(5, "relu")] * 2


@pytest.mark.parametrize("grid", [{"units": [4, 8]}, {"dropout": [0, 0.3]}, {"dropout": [0, 0.3], "depth": [0]}])
def test_settings_that_cannot_differ_are_refused(grid: dict) -> None:
    with pytest.raises(UserError, match="no hidden layers"):
        study(grid, FLAT)
    assert study({**grid, "depth": [0, 1]}, FLAT).grid.varied
    assert study({"l2": [0, 1]}, FLAT).settings


def test_members_stand_setting_by_setting_then_seed_by_seed() -> None:
    spec = study({"l2": [0, 0.1]}, folds=3, seeds=2)
    for place, member in enumerate(spec.members):
        assert place == (member.setting * 2 + member.seed) * 3 + member.fold
    assert len(spec.members) == 12


def test_member_is_a_run_with_its_fold_seed_and_rates() -> None:
    spec = study({"l2": [0, 0.1]}, folds=3, seeds=2, name="mine")
    config = spec.member_config(Member(setting=1, fold=2, seed=1))
    own = config.data.split
    assert (own.folds, own.fold, own.repeat, own.learn_from_all) == (3, 2, 1, False)
    assert config.network == spec.network(spec.settings[1])
    assert config.training.seed == 0 and spec.member_config(Member(1, 2, 0)).training.seed == 2**31 - 1
    assert config.name.endswith(": L2 0.1, part 3, repeat 2")
    assert RunConfig.parse_json(config.model_dump_json()) == config


def test_plain_run_is_what_a_draft_may_hold() -> None:
    spec = study({"l2": [0, 0.1]}, folds=3)
    config = spec.member_config(Member(0, 1, 2))
    plain = config.plain
    assert plain.data == spec.run.data and plain.origin is None and plain.name == ""
    assert plain.network == config.network
    training = config.training.change(early_stopping=False)
    split = config.data.split.change(learn_from_all=True)
    origin = {"study": "20260101-093000-1a2b3c", "setting": 1}
    every = config.change(
        training=training.model_dump(), data=config.data.change(split=split.model_dump()).model_dump(), origin=origin
    )
    assert every.plain.data == spec.run.data and every.plain.origin is None


def test_learning_from_all_rows_with_early_stopping_is_refused() -> None:
    config = study({}).run
    split = config.data.split.change(learn_from_all=True)
    with pytest.raises(UserError, match="turn early stopping off"):
        config.change(data=config.data.change(split=split.model_dump()).model_dump())


@pytest.mark.parametrize(("score", "task"), [("r2", "binary"), ("mae", "multiclass"), ("accuracy", "regression")])
def test_score_suits_the_task(score: str, task: str) -> None:
    loss = {"binary": "hinge", "multiclass": "categorical_crossentropy", "regression": "mean_squared_error"}[task]
    run = RunConfig(data=DATA.change(task=task), training=TrainingSpec(loss=loss))
    with pytest.raises(UserError, match="does not suit"):
        StudySpec.parse({"run": run.model_dump(), "score": score})


def test_study_is_the_same_after_it_was_written() -> None:
    spec = study({"l1": [0, 0.1], "units": [3]}, folds=2, seeds=4, score="log_loss", name="x")
    assert StudySpec.parse_json(spec.model_dump_json()) == spec
