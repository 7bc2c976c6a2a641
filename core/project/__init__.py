"""A project file: a zip of a whole workspace, or of chosen runs and studies with what they need.

muffin.json                     what wrote it: the format's number, when, versions of the packages that count
draft.json, study_draft.json    what is being chosen (of a whole workspace)
uploads/<sha256>                the bytes of each file that was learned from, unless the raw data stays behind
runs/<run>/…, studies/<study>/… their files, but no model file: `core.training.restore_questions` builds it again

What is worked out from uploads is left out, because it is worked out again when it is needed. Without the raw data the
same is blanked or left out as in a share (`core.sharing`).
"""

from core.project.read import Imported, read_project, without_network
from core.project.write import project_size, write_project

__all__ = ["Imported", "project_size", "read_project", "without_network", "write_project"]
