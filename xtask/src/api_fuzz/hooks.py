"""What schemathesis cannot know by itself: bodies in SCALE, ids of things that exist, and how long to wait.

The file that RECORDED names has what real clients sent to this worker (recorder.py). Generated cases that are meant to
be valid become cases of those: as they were, cut, lengthened, or with bytes changed.
"""

import json
import os
import re

import schemathesis
from hypothesis import strategies as st

# Long-polls are asked for, and not waited for: a valid time becomes a short one.
WAIT_MS = 20
WAIT_MS_MAX = 30_000

with open(os.environ["RECORDED"], encoding="ascii") as lines:
    RECORDED = [json.loads(line) for line in lines]

def as_in(template):
    """The pattern of paths that an operation's path stands for."""
    return re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in template.split("/")))


def recorded(operation):
    """Requests of this operation that were made."""
    path = as_in(operation.path)
    of_method = (request for request in RECORDED if request["method"] == operation.method.upper())
    return [request for request in of_method if path.fullmatch(request["path"])]


def named(operation):
    """What a path's last part may be: as it was asked for, or as the list above it named it."""
    asked = [request["path"].rsplit("/", 1)[1] for request in recorded(operation)]
    above = operation.path.rsplit("/", 1)[0]
    return asked + [id for request in RECORDED if request["path"] == above for id in request["ids"]]


@st.composite
def damaged(draw, body):
    """A body with some bytes changed, cut off or added."""
    changed = bytearray(body)
    for _ in range(draw(st.integers(0, 3))):
        changed[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    end = draw(st.one_of(st.just(len(body)), st.integers(0, len(body))))
    return bytes(changed[:end]) + draw(st.one_of(st.just(b""), st.binary(max_size=40)))


@st.composite
def more_real(draw, case):
    """The case with a body and a path that a client could have sent."""
    bodies = [bytes.fromhex(request["body"]) for request in recorded(case.operation) if request["body"]]
    if bodies:
        body = draw(st.sampled_from(bodies))
        case.body = draw(st.one_of(st.just(body), damaged(body), st.just(case.body)))
    values = named(case.operation)
    for name in case.path_parameters or {}:
        generated = st.just(case.path_parameters[name])
        case.path_parameters[name] = draw(st.one_of(generated, st.sampled_from(values)) if values else generated)
    return case


@schemathesis.hook
def flatmap_case(context, case):
    if case.meta is not None and case.meta.generation.mode.is_positive:
        return more_real(case)
    return st.just(case)


@schemathesis.hook
def before_call(context, case, kwargs):
    wait = (case.query or {}).get("wait_ms")
    if str(wait).isdecimal() and WAIT_MS < int(wait) <= WAIT_MS_MAX:
        case.query["wait_ms"] = WAIT_MS
