"""Write the real samples from the packages that carry them.

``python sample_data/convert_samples.py ISLP_WHEEL [FOLDER]`` needs scikit-learn and the wheel of ISLP
(``pip download --no-deps ISLP``), which is opened as a zip archive and never installed.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

TUMOURS = {1: "BL", 2: "EWS", 3: "NB", 4: "RMS"}


def main(wheel: Path, folder: Path) -> None:
    """Write ``breast_cancer.csv`` and ``tumours.csv`` into ``folder``."""
    breast_cancer().to_csv(folder / "breast_cancer.csv", index=False, lineterminator="\n")
    tumours(wheel).to_csv(folder / "tumours.csv", index=False, float_format="%.3g", lineterminator="\n")


def breast_cancer() -> pd.DataFrame:
    """569 biopsies: what was seen under the microscope, and the diagnosis."""
    packaged = load_breast_cancer()
    table = pd.DataFrame(packaged.data, columns=[readable(str(name)) for name in packaged.feature_names])
    diagnosis = np.asarray(packaged.target_names)[packaged.target]
    table.insert(0, "diagnosis", diagnosis)
    return table


def readable(name: str) -> str:
    """``mean radius`` -> ``radius (mean)``, ``radius error`` -> ``radius (error)``."""
    first, _, rest = name.partition(" ")
    if first in ("mean", "worst"):
        return f"{rest} ({first})"
    return f"{name.removesuffix(' error')} (error)"


def tumours(wheel: Path) -> pd.DataFrame:
    """83 tumours of four types: the 63 that the paper trained on, then the 20 that it tested on."""
    with zipfile.ZipFile(wheel) as archive:
        genes = pd.concat([member(archive, "xtrain"), member(archive, "xtest")], ignore_index=True)
        types = pd.concat([member(archive, "ytrain"), member(archive, "ytest")], ignore_index=True)
    genes.columns = pd.Index([f"gene_{number:04d}" for number in range(1, genes.shape[1] + 1)])
    samples = [f"T{number:02d}" for number in range(1, len(genes) + 1)]
    named = pd.DataFrame({"sample": samples, "tumour": types.iloc[:, 0].map(TUMOURS)})
    return pd.concat([named, genes], axis=1)


def member(archive: zipfile.ZipFile, part: str) -> pd.DataFrame:
    """One of the four tables of the Khan data."""
    return pd.read_csv(io.BytesIO(archive.read(f"ISLP/data/Khan_{part}.csv")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent)
