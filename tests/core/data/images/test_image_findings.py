"""What is wrong with pictures is found, and the remedy mends it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from core.data.finding import Finding
from core.data.images.dataset import build_image_dataset
from core.data.images.findings import image_findings
from core.data.images.image_set import ImageSet
from core.data.images.propose import propose_images
from core.spec import ImageData, ImageSource, TrainingSpec
from tests.core.data.images.pictures import Files, picture, saved, two_classes

Load = Callable[[Files], ImageSet]
SOURCE = ImageSource(fingerprint="0" * 64)


def look(image_set: ImageSet, **changes: object) -> tuple[ImageData, dict[str, Finding]]:
    data = propose_images(image_set, SOURCE).change(**changes)
    found = image_findings(image_set, data)
    assert len({finding.kind for finding in found}) == len(found)
    return data, {finding.kind: finding for finding in found}


def mended(image_set: ImageSet, data: ImageData, finding: Finding) -> dict[str, Finding]:
    assert finding.remedy
    return {after.kind: after for after in image_findings(image_set, data.change(**finding.changes))}


def test_good_pictures_have_no_findings(load: Load) -> None:
    files = {
        f"{name}/{n}.png": picture(100 * k + n, (64, 64)) for k, name in enumerate(("cats", "dogs")) for n in range(50)
    }
    assert look(load(files))[1] == {}


def test_one_class_only(load: Load) -> None:
    found = look(load({f"cats/{n}.png": picture(n) for n in range(4)}))[1]
    assert found["one_class"].severity == "problem" and "'cats'" in found["one_class"].title


def test_nothing_left_can_be_taken_back(load: Load) -> None:
    image_set = load(two_classes(6))
    data, found = look(image_set, leave_out_classes=("cats", "dogs"))
    assert found["one_class"].title == "No picture takes part"
    assert "one_class" not in mended(image_set, data, found["one_class"])


def test_task_that_does_not_fit(load: Load) -> None:
    image_set = load(two_classes(6))
    data, found = look(image_set, task="multiclass")
    assert next(iter(found)) == "unfit_task"
    assert "unfit_task" not in mended(image_set, data, found["unfit_task"])


def test_class_with_one_picture_is_left_out(load: Load) -> None:
    image_set = load(two_classes(12) | {"owls/1.png": picture(900)})
    data, found = look(image_set)
    assert found["single_image"].changes == {"leave_out_classes": ("owls",), "task": "binary"}
    fixed = data.change(**found["single_image"].changes)
    assert build_image_dataset(image_set, fixed).class_names == ("cats", "dogs")
    assert "single_image" not in mended(image_set, data, found["single_image"])


def test_small_classes_are_left_out_where_two_remain(load: Load) -> None:
    image_set = load(two_classes(12) | {f"owls/{n}.png": picture(900 + n) for n in range(3)})
    data, found = look(image_set)
    assert found["few_in_class"].changes["leave_out_classes"] == ("owls",)
    assert len(found["few_in_class"].columns) == 3
    assert "few_in_class" not in mended(image_set, data, found["few_in_class"])
    assert look(load(two_classes(5)))[1]["few_in_class"].remedy == ""


@pytest.mark.parametrize(("rare", "severity"), [(12, None), (3, "note"), (2, "warning")])
def test_rare_class_counts_more(load: Load, rare: int, severity: str | None) -> None:
    files = {f"cats/{n}.png": picture(n) for n in range(48 if severity else 40)}
    found = look(load(files | {f"dogs/{n}.png": picture(900 + n) for n in range(rare)}))[1]
    assert (found["imbalance"].severity if "imbalance" in found else None) == severity
    if severity:
        key, value = next(iter(found["imbalance"].changes.items()))
        assert TrainingSpec().change(**{key.removeprefix("training."): value}).class_weights is True


def test_exact_and_near_copies(load: Load) -> None:
    image_set = load(two_classes(30) | {"cats/copy.png": picture(3), "dogs/small.png": picture(104, (20, 15))})
    data, found = look(image_set)
    assert found["exact_duplicates"].title.startswith("1 picture repeats")
    assert found["near_duplicates"].title.startswith("1 picture is nearly")
    by_id = {image.id: image.path for image in image_set.images}
    assert [by_id[id] for id in found["exact_duplicates"].columns] == ["cats/copy.png"]
    assert {"exact_duplicates", "near_duplicates"} & set(mended(image_set, data, found["exact_duplicates"])) == set()


def test_same_picture_in_two_classes(load: Load) -> None:
    image_set = load(two_classes(12) | {"dogs/wrong.png": picture(3)})
    data, found = look(image_set, left_out=())
    conflict = found["label_conflict"]
    by_id = {image.id: image.path for image in image_set.images}
    assert sorted(by_id[id] for id in conflict.changes["left_out"]) == ["cats/3.png", "dogs/wrong.png"]
    assert "label_conflict" not in mended(image_set, data, conflict)
    corrected = data.change(relabelled=((image_set.images[-1].id, "cats"),))
    assert "label_conflict" not in {finding.kind for finding in image_findings(image_set, corrected)}


def test_unreadable_files_are_named(load: Load) -> None:
    found = look(load(two_classes(20) | {f"cats/broken {n}.png": b"" for n in range(5)}))[1]
    assert found["unreadable"].title == "5 files were skipped" and found["unreadable"].severity == "warning"
    assert "'cats/broken 0.png' is empty (0 bytes)." in found["unreadable"].meaning
    assert found["unreadable"].meaning.endswith("And 2 more.")


def test_tiny_pictures_suggest_a_smaller_size(load: Load) -> None:
    image_set = load(two_classes(12))
    data, found = look(image_set, size=128)
    assert found["small"].changes == {"size": 32}
    assert "small" not in mended(image_set, data, found["small"])
    assert propose_images(image_set, SOURCE).size == 32


def test_huge_pictures_are_mentioned(load: Load) -> None:
    found = look(load(two_classes(3) | {"cats/wide.png": saved(Image.new("L", (5000, 40)))}))[1]
    assert "5,000 pixels" in found["large"].meaning and len(found["large"].columns) == 1


def test_conversions_are_counted(load: Load) -> None:
    palette = saved(Image.open(io.BytesIO(picture(7))).quantize(8))
    found = look(load(two_classes(3) | {"cats/palette.png": palette}))[1]
    assert "1 converted from a palette to RGB" in found["converted"].meaning


def test_parts_can_be_used_or_not(load: Load) -> None:
    files = {f"train/{name}": content for name, content in two_classes(6).items()}
    image_set = load(files | {"test/cats/0.png": picture(0), "test/dogs/new.png": picture(900)})
    data, found = look(image_set)
    assert found["copies_across_parts"].title == "1 picture is also in another part"
    data, found = look(image_set, folders_as_parts=False)
    assert mended(image_set, data, found["parts"]).keys() >= {"copies_across_parts"}
    plain = load(two_classes(6))
    data, found = look(plain, folders_as_parts=True)
    assert found["parts"].severity == "problem"
    assert "parts" not in mended(plain, data, found["parts"])


def test_choices_for_other_pictures_are_cleared(load: Load) -> None:
    image_set = load(two_classes(6))
    kept = image_set.images[0].id
    data, found = look(image_set, left_out=("nobody", kept), relabelled=(("nobody", "cats"), (kept, "dogs")))
    assert list(found) == ["unknown_images"]
    assert found["unknown_images"].changes == {"left_out": (kept,), "relabelled": ((kept, "dogs"),)}
    assert mended(image_set, data, found["unknown_images"])["left_out"].changes["left_out"] == ()


def test_problems_come_first(load: Load) -> None:
    found = look(load(two_classes(6) | {"owls/1.png": picture(900), "cats/broken.png": b""}))[1]
    order = [("problem", "warning", "note").index(finding.severity) for finding in found.values()]
    assert order == sorted(order) and order[0] == 0
