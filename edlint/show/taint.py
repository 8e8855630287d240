"""What comes from the host or is secret, at every place where that matters: checked or not."""

from __future__ import annotations

import json

from edlint.analysis.facts import Facts
from edlint.analysis.flows import Flows
from edlint.model.program import Program


def show(program: Program, facts: Facts, style: str) -> str:
    """The sinks that something of the boundary reaches, as `text` or `json`, ending with a line end."""
    flows = facts.get(Flows)
    rows = []
    for root, event in flows.events("sink"):
        for flow in flows.flows(root, event, event.subject.taints):
            meaning = flow.meaning
            rows.append(
                {
                    "place": repr(event.span),
                    "sink": event.what,
                    "name": event.name,
                    "function": event.function,
                    "root": root.qualified,
                    "source": meaning.name,
                    "kinds": sorted(meaning.kinds),
                    "path": [{"place": repr(step.span), "text": step.text} for step in flow.path],
                }
            )
    if style == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    lines = []
    for row in rows:
        lines.append(f"{row['place']}: {row['sink']} of '{row['name']}' depends on '{row['source']}'")
        path = row["path"]
        assert isinstance(path, list)
        lines += [f"  {n}. {step['place']}: {step['text']}" for n, step in enumerate(path, 1)]
    return "".join(f"{line}\n" for line in lines) or "nothing of the boundary reaches a sink\n"
