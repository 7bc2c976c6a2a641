"""The table: every page, route and command, and what somebody else must not get out of it.

A page, route or command that is missing here fails `tests/isolation`: whoever adds one says here how it is kept apart.
"""

from __future__ import annotations

# Addresses of pages, each with the names that it takes things by: ``run`` and ``study`` stand for ids of A's.
PAGES: dict[str, tuple[str, ...]] = {
    "home": (),
    "data": (),
    "network": (),
    "train": ("run",),
    "results": ("run",),
    "compare": ("study", "runs"),
    "predict": ("run",),
    "workspace": (),
    **{f"learn_{lesson}": () for lesson in (
        "neuron", "activations", "layers", "costs", "descent", "overfitting", "pixels", "convolution", "pooling",
        "augmentation", "transfer", "beyond", "glossary",
    )},
}  # fmt: skip

# Routes, each with methods that are tried, and what keeps visitors apart there.
ROUTES: dict[str, tuple[tuple[str, ...], str]] = {
    "/_stcore/health": (("GET",), "says only ok"),
    "/_stcore/metrics": (("GET",), "counts of the whole server; no names, no texts"),
    "/_stcore/host-config": (("GET",), "the same for everybody"),
    "/media/{file_id:path}": (("GET",), "named by 128 bits of a digest of what is in it; no list"),
    "/_stcore/upload_file/{session_id}/{file_id}": (("PUT", "DELETE"), "needs the session's secret id and its token"),
    "/component/{path:path}": (("GET",), "files of installed packages"),
    "/_stcore/bidi-components/{path:path}": (("GET",), "files of installed packages"),
    "/_stcore/stream": ((), "a websocket: the same origin, then pages, see PAGES"),
    "/auth/login": (("GET",), "leads to who knows the person"),
    "/auth/logout": (("GET",), "forgets the sender's own account"),
    "/oauth2callback": (("GET",), "comes back from there, with a state of the sender's own"),
    "/_stcore/agent/interact": (("POST",), "off: server.enableAgentApi"),
    "/_stcore/agent/openapi.json": (("GET",), "says that it is off"),
    "/_stcore/agent/mcp": (("POST",), "off: server.enableAgentApi"),
    "": (("GET",), "the program that runs in the browser, the same for everybody"),
}

# Commands, each with arguments that name A's run (RUN) or are a file of B's own (FILE).
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "runs": ((),),
    "predict": (("RUN", "FILE", "--out", "OUT"),),
    "export": (("RUN", "--out", "OUT"), ("--all", "--out", "OUT")),
    "import": (("FILE",),),
    "train": (("FILE", "--config", "CONFIG"),),
    "compare": (("FILE", "--config", "CONFIG"),),
}
