"""Two files on the command line: which way they lie, and by which column their rows meet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli.settings import configure
from core.errors import UserError
from core.workspace import Workspace
from tests.core.cli.test_train import options


@pytest.mark.parametrize("more", ["", "--transpose", "--on id", "--on sample", "--transpose --on id"])
def test_small_matrix_on_its_side_meets_its_answers(workspace: Workspace, tmp_path: Path, more: str) -> None:
    samples = [f"s{i}" for i in range(100)]
    x = np.random.default_rng(0).normal(size=(4, 100)).round(3)
    matrix = pd.DataFrame(x, columns=samples, index=[f"m{i}" for i in range(4)])
    matrix.to_csv(tmp_path / "matrix.csv", index_label="gene")
    answers = pd.DataFrame({"id": samples, "y": 2 * x[0] + x[1]}).sample(frac=1, random_state=1)
    answers.to_csv(tmp_path / "answers.csv", index=False)
    files = [str(tmp_path / "matrix.csv"), "--join", str(tmp_path / "answers.csv"), "--target", "y"]
    config, table = configure(options(*files, *more.split()), workspace)
    assert config.data.source.format.transpose and config.data.join is not None
    assert (config.data.join.on, config.data.id_column, table.rows) == ("sample", "sample", 100)
    np.testing.assert_allclose(table.column("y"), 2 * table.column("m0") + table.column("m1"))


def test_direction_that_was_said_stays(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "matrix.csv").write_text("gene,s1,s2,s3\na,1,2,3\nb,4,5,6\n")
    (tmp_path / "answers.csv").write_text("id,y\ns1,1\ns2,2\ns3,3\n")
    files = [str(tmp_path / "matrix.csv"), "--join", str(tmp_path / "answers.csv")]
    with pytest.raises(UserError, match="2 and 3 rows"):
        configure(options(*files, "--set", "data.source.format.transpose=false"), workspace)
