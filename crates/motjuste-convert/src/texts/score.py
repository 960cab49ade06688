"""Scores answers with grade(sample, item) of grader.py: JSON lines in, as many lines out."""
import json
import sys

from grader import grade

for line in sys.stdin:
    row = json.loads(line)
    item = dict(row.get("columns") or {})
    sample = {"output_text": row["answer"]}
    try:
        sample["output_json"] = json.loads(row["answer"])
    except ValueError:
        sample["output_json"] = None
    print(json.dumps(min(1.0, max(0.0, float(grade(sample, item))))))
