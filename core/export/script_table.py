"""The parts of a generated script that read and encode a table, and that ask the network about new rows."""

from __future__ import annotations

from core.export.data import escaped
from core.export.formats import FORMATS
from core.export.script_cells import Cell, Code, Text, literal
from core.export.script_facts import Columns, Facts
from core.spec import OUTPUTS, RunConfig

READ = """\
with zipfile.ZipFile("{archive}") as archive, archive.open("data.csv") as file:
    data = pd.read_csv(
        file,
        encoding="utf-8-sig",
        dtype={dtype},
        keep_default_na=False,
        na_values=[""],
        low_memory=False,
    )
"""
ONE_COLUMN = '{}.astype("float32").reshape(-1, 1)'
_NUMBERS = """\
def numbers_of(rows):
    \"\"\"The numbers of some rows, in single precision, as the app keeps them.\"\"\"
    return rows[NUMBERS].to_numpy("float32").astype("float64")
"""
_LOGARITHMS = """\
def numbers_of(rows):
    \"\"\"The numbers of some rows, in single precision, {which}.\"\"\"
    numbers = rows[NUMBERS].to_numpy("float32").astype("float64")
    return {value}
"""
_FREQUENT = """\
def most_frequent(cells):
    \"\"\"The texts of a column, the most frequent first, at most 50.\"\"\"
    counts = cells.value_counts().to_dict()
    return sorted(counts, key=lambda text: (-counts[text], text))[:50]
"""
_NEVER_VARIED = """\
# A number that never varied in training is always 0: nothing was learned about it.
spread[~(np.nanmax(numbers, axis=0) > np.nanmin(numbers, axis=0))] = np.inf
"""


def table_cells(facts: Facts, config: RunConfig) -> list[Cell]:
    """Reading, and what becomes of features and target."""
    columns = facts.columns
    assert columns is not None
    parts = "train, watch, validation or test" if "watch" in facts.rows else "train, validation or test"
    about = (
        f"Each row of data.csv has its features, the target, and the part that it was in: {parts}. "
        "Rows that belong together are in the same part, so nothing about the others is known from training.",
    )
    prepare = (
        "What the numbers are scaled by, and which categories there are, is taken from the training rows alone: "
        "the other rows play the future, about which nothing is known yet."
    )
    return [
        Text("Data", about),
        Code(_reading(columns, config, bool(facts.classes))),
        Text("Preprocessing", (prepare, *_about(columns, config))),
        Code(_preparing(columns, config)),
        Code(_inputs(columns, config) + "\n\n\n" + _targets(facts, config)),
    ]


def _reading(columns: Columns, config: RunConfig, classes: bool) -> str:
    target = config.data.target
    texts = [*columns.texts, *([target] if classes else []), columns.part]
    marked = [name for name in columns.every if escaped(name) != name]
    dtype = "dict.fromkeys([*TEXTS, TARGET, PART], str)" if classes else "dict.fromkeys([*TEXTS, PART], str)"
    if any(name in marked for name in texts):
        dtype = f"dict.fromkeys({literal([escaped(name) for name in texts])}, str)"
    lines = [
        f"TARGET = {literal(target)}",
        f"PART = {literal(columns.part)}",
        f"TEXTS = {literal(list(columns.texts))}",
        "",
        READ.format(archive=FORMATS["data"].file_name, dtype=dtype),
    ]
    if marked:
        lines.append("# An apostrophe keeps spreadsheets from taking a name for a formula.")
        lines.append('data.columns = data.columns.str.removeprefix("\'")')
    if columns.marked:
        lines.append("# An apostrophe keeps spreadsheets from taking a text for a formula.")
        lines.append(f"for name in {literal(list(columns.marked))}:")
        lines.append('    data[name] = data[name].str.removeprefix("\'")')
    if columns.numbers:
        lines.append("NUMBERS = [name for name in data.columns if name not in (*TEXTS, TARGET, PART)]")
    lines += ["part = data[PART].to_numpy()", "print(data.groupby(PART).size())"]
    return "\n".join(lines)


def _about(columns: Columns, config: RunConfig) -> list[str]:
    said = []
    if columns.log != "none":
        said.append(
            "The logarithm tames skewed numbers; it is taken of every number that is never negative in training."
        )
    if columns.texts:
        said.append("A text becomes one input for each category: 1 where the row has it, 0 for all others.")
    if columns.numbers:
        filled = "becomes 0, the average" if config.data.scaling != "none" else "becomes the average"
        said.append(f"A missing number {filled}.")
    return said


def _preparing(columns: Columns, config: RunConfig) -> str:
    lines = ['train = data[part == "train"]']
    if columns.numbers:
        lines += ["", "", _number_function(columns), "", "numbers = numbers_of(train)"]
        if config.data.scaling == "none":
            mean = "np.nanmean(numbers, axis=0)"
            lines.append(f"mean = {f'np.nan_to_num({mean})' if columns.never_known else mean}")
        else:
            lines.append("mean, spread = np.nanmean(numbers, axis=0), np.nanstd(numbers, axis=0)")
            lines += [_NEVER_VARIED.rstrip()] if columns.never_varied else []
    if columns.texts:
        lines += ["", "", _FREQUENT, "", "categories = {name: most_frequent(train[name]) for name in TEXTS}"]
    return "\n".join(lines)


def _number_function(columns: Columns) -> str:
    if columns.log == "none":
        return _NUMBERS
    logarithm = "np.log1p(np.maximum(numbers, 0))"
    if columns.log == "all":
        return _LOGARITHMS.format(which="as their logarithms", value=logarithm)
    found = "never_negative = ~(train[NUMBERS] < 0).any().to_numpy()\n\n\n"
    value = f"np.where(never_negative, {logarithm}, numbers)"
    return found + _LOGARITHMS.format(which="those that are never negative as their logarithms", value=value)


def _inputs(columns: Columns, config: RunConfig) -> str:
    lines = ["def inputs(rows):", '    """Rows of the table as the network receives them."""']
    scaled = "np.nan_to_num((numbers_of(rows) - mean) / spread)"
    if columns.numbers and config.data.scaling == "none":
        lines.append("    numbers = numbers_of(rows)")
        scaled = "np.where(np.isnan(numbers), mean, numbers)"
    if not columns.texts:
        return "\n".join([*lines, f'    return {scaled}.astype("float32")'])
    if columns.numbers:
        lines.append(f"    numbers = {scaled}")
    every = "[numbers, *texts]" if columns.numbers else "texts"
    lines.append("    texts = [rows[[name]].to_numpy() == np.array(categories[name], object) for name in TEXTS]")
    lines.append(f'    return np.concatenate({every}, axis=1).astype("float32")')
    return "\n".join(lines)


def _targets(facts: Facts, config: RunConfig) -> str:
    if not facts.classes:
        return (
            "x, truth = inputs(data), data[TARGET].to_numpy()\n"
            "# The network learns the target in its standard deviations from the average.\n"
            "center, unit = train[TARGET].mean(), train[TARGET].std(ddof=0)\n"
            f"y = {ONE_COLUMN.format('((truth - center) / unit)')}"
        )
    return (
        f"CLASSES = {literal(list(facts.classes))}\n"
        "x, truth = inputs(data), data[TARGET].map(CLASSES.index).to_numpy()\n" + encoded(config.training.loss)
    )


def encoded(loss: str) -> str:
    """Code that makes the target as the loss takes it from the class numbers."""
    per_class = OUTPUTS[loss].per_class
    return f"y = {'keras.utils.to_categorical(truth, len(CLASSES))' if per_class else ONE_COLUMN.format('truth')}"


def table_prediction(facts: Facts) -> list[Cell]:
    """Asking the trained network about rows."""
    columns = facts.columns
    assert columns is not None
    names = " + ".join([*(["NUMBERS"] if columns.numbers else []), *(["TEXTS"] if columns.texts else [])])
    answer = (
        "pd.DataFrame(answers(inputs(rows)), columns=CLASSES)" if facts.classes else "pd.Series(answers(inputs(rows)))"
    )
    about = "The probability of each class" if facts.classes else "The answer"
    shown = "validation" if "validation" in facts.rows else "train"
    source = f'''\
def predict(rows):
    """{about} for each row of a table with the same columns."""
    return {answer}


new = data.loc[part == "{shown}", {names}].head(3)
print(predict(new))'''
    return [Text("Prediction", ("New rows go the same way. Here they are the first of data.csv.",)), Code(source)]
