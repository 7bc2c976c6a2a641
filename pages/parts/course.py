"""The pages of Learn, in their order."""

from __future__ import annotations

from dataclasses import dataclass

SECTION = "Learn"


@dataclass(frozen=True)
class Lesson:
    """A page of the course.

    Args:
        key: Its address is ``learn_<key>``, its file ``pages/learn_<key>.py``.
        title: What stands in the sidebar and on top of the page.
        icon: Name of a Material symbol.
        stop: Its place on the path of ten minutes, from 1; 0 where it is not on it.
    """

    key: str
    title: str
    icon: str
    stop: int = 0

    @property
    def address(self) -> str:
        """The path of the page in the browser."""
        return f"learn_{self.key}"

    @property
    def file(self) -> str:
        """The page's file, as `st.switch_page` takes it."""
        return f"{self.address}.py"


LESSONS = (
    Lesson("neuron", "A neuron", "adjust", 1),
    Lesson("activations", "Activation functions", "show_chart"),
    Lesson("layers", "Layers", "hub", 2),
    Lesson("costs", "Cost functions", "balance"),
    Lesson("descent", "How it learns", "downhill_skiing"),
    Lesson("overfitting", "Validation and overfitting", "stacked_line_chart", 3),
    Lesson("pixels", "Images are numbers", "grid_on"),
    Lesson("convolution", "Convolution", "filter_center_focus"),
    Lesson("pooling", "Pooling, flatten, softmax", "compress"),
    Lesson("augmentation", "Data augmentation", "auto_awesome_motion"),
    Lesson("transfer", "Transfer learning", "move_up"),
    Lesson("beyond", "Beyond classification", "explore"),
)
# It explains the terms of the others and is no lesson itself.
GLOSSARY = Lesson("glossary", "Glossary", "dictionary")
PAGES = (*LESSONS, GLOSSARY)
