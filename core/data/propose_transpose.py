"""Whether a table lies on its side: a feature in each row and a sample in each column."""

from __future__ import annotations

import re

import numpy as np

from core.data.blocks import usable
from core.data.columns import words_of
from core.data.table import Table

GENE = re.compile(
    r"ENS[A-Z]*[GTP]\d{6,}(\.\d+)?|[NX][MR]_\d+(\.\d+)?|cg\d{8}|\d{3,}(_[a-z])?_at|ILMN_\d+|rs\d{3,}"
    r"|(hsa|mmu)-(mir|let)-.+|HGNC:\d+|uc\d{3}[a-z]{3}\.\d",
    re.IGNORECASE,
)
CORNERS = frozenset({"gene", "genes", "geneid", "genename", "symbol", "probe", "probeid", "ensembl", "ensemblid"}) | {
    *("transcript", "protein", "metabolite", "otu", "cpg", "feature", "features", "genesymbol", "ensg", "mirna"),
}
WELL_KNOWN = frozenset({"ACTB", "GAPDH", "TP53", "EGFR", "MYC", "KRAS", "BRAF", "BRCA1", "BRCA2", "PTEN", "CDKN2A"}) | {
    *("RB1", "ERBB2", "VEGFA", "TNF", "IL6", "CD4", "CD8A", "MKI67", "TOP2A", "ABCB1", "BCL2", "CASP3", "JUN", "FOS"),
    *("STAT3", "AKT1", "PIK3CA", "NOTCH1", "ESR1"),
}
RESULTS = frozenset({"result", "results", "outcome", "passed", "passfail", "diagnosis", "class", "label", "target"})
MOSTLY = 0.9
SOME_COLUMNS = 20
MANY = 5
ALIKE = 0.8
ORDERS = 0.7


def propose_transpose(table: Table) -> bool:
    """Whether rows and columns should be swapped.

    Yes if the first column names every row differently, all others are numbers and the names are those of genes, or
    there are five times more rows than columns and nearly all variation lies between rows (as between genes, and not
    between the columns of an ordinary table); or if every other column is a mix of numbers and texts, with the texts
    of all of them in the same rows (as in a small table with a pass / fail row).
    """
    if table.rows < 2 or len(table.names) < 3 or not _names_rows(table):
        return False
    first, others = table.names[0], table.names[1:]
    texts = [name for name in others if name in table.texts]
    names = table.texts[first].values
    if texts:
        return len(texts) >= MOSTLY * len(others) and _mixed_by_row(table, texts[:SOME_COLUMNS])
    if _are_genes(names) or "".join(words_of(first)) in CORNERS:
        return True
    if any("".join(words_of(name)) in RESULTS for name in names) and table.rows <= len(others) + MANY * SOME_COLUMNS:
        return not any("".join(words_of(name)) in RESULTS for name in others)
    large = table.rows >= 200 and len(others) >= 10 and table.rows >= MANY * len(others)
    return large and _varies_between_rows(table) >= ALIKE


def _names_rows(table: Table) -> bool:
    text = table.texts.get(table.names[0])
    return text is not None and len(text.values) == table.rows and bool((np.asarray(text.codes) >= 0).all())


def _are_genes(names: tuple[str, ...]) -> bool:
    some = names[:: max(1, len(names) // 500)]
    if sum(bool(GENE.fullmatch(name.strip())) for name in some) >= MOSTLY * len(some):
        return True
    return len(WELL_KNOWN.intersection(names)) >= 3


def _mixed_by_row(table: Table, columns: list[str]) -> bool:
    """Whether each row is numbers in all columns or texts in all columns, and both kinds of row occur."""
    spelled = np.stack([_spelled(table, name) for name in columns], axis=1)
    known = np.stack([np.asarray(table.texts[name].codes) >= 0 for name in columns], axis=1)
    share = (spelled & known).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    filled = known.any(axis=1)
    numbers, words = filled & (share >= MOSTLY), filled & (share <= 1 - MOSTLY)
    clear = (numbers | words)[filled].mean() >= MOSTLY if filled.any() else False
    return bool(clear and numbers.any() and words.any() and numbers.sum() >= words.sum())


def _spelled(table: Table, name: str) -> np.ndarray:
    """(rows,) bool: which cells of a text column are numbers."""
    text = table.texts[name]
    return np.array([*(_is_number(value) for value in text.values), False])[np.asarray(text.codes)]


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _varies_between_rows(table: Table) -> float:
    """Share of the variance of log(1 + value) that lies between rows.

    0 if columns differ in scale or go below 0, or if rows do not differ by orders of magnitude, as genes do and
    students do not.
    """
    step = max(1, table.rows // 1000)
    values = usable(np.asarray(table.numbers[::step], np.float64))
    if np.isnan(values).mean() > 0.1 or np.nanmin(values) < 0:
        return 0.0
    logs = np.log1p(values)
    centers = np.nanmean(logs, axis=0)
    if np.nanstd(logs) < ORDERS or np.ptp(centers) > 0.5 * np.nanstd(logs):
        return 0.0
    total = float(np.nanvar(logs))
    with np.errstate(invalid="ignore"):
        rows = np.nanmean(logs, axis=1) if not np.isnan(logs).all(axis=1).any() else np.zeros(len(logs))
    return float(np.var(rows)) / total if total else 0.0
