"""Scores answers by the checks of each row, which are promptfoo's: JSON lines in, as many lines out.

A line in has "answer" and "columns"; the column "_checks" is {"threshold": …, "checks": [{"type", "value",
"threshold", "weight"}, …]}. The score is the weighted mean of the checks, or, with a threshold, whether the
mean reaches it. Checks of the type javascript are run by node, those of the type python here.
"""
import importlib.util
import json
import re
import subprocess
import sys


def texts(value):
    if isinstance(value, list):
        return [str(item) for item in value]
    return [part.strip() for part in str(value or "").split(",")]


def text(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parsed(answer):
    try:
        return json.loads(answer)
    except ValueError:
        return None


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def equals(answer, value, check):
    if isinstance(value, (dict, list)):
        return parsed(answer) == value
    return answer.strip() == text(value).strip()


def is_json(answer, value, check):
    try:
        found = json.loads(answer)
    except ValueError:
        return False
    if not value:
        return True
    if isinstance(value, str):
        with_file = value.startswith("file://")
        value = json.loads(open(value[len("file://"):], encoding="utf-8").read() if with_file else value)
    try:
        import jsonschema
    except ImportError:
        sys.exit("a check with a JSON schema needs the Python package jsonschema")
    return jsonschema.Draft202012Validator(value).is_valid(found)


def contains_json(answer, value, check):
    decoder = json.JSONDecoder()
    for start in (i for i, c in enumerate(answer) if c in "{["):
        try:
            found, _ = decoder.raw_decode(answer[start:])
        except ValueError:
            continue
        if is_json(json.dumps(found), value, check):
            return True
    return False


KINDS = {
    "equals": equals,
    "contains": lambda a, v, c: text(v) in a,
    "icontains": lambda a, v, c: text(v).lower() in a.lower(),
    "contains-any": lambda a, v, c: any(t in a for t in texts(v)),
    "icontains-any": lambda a, v, c: any(t.lower() in a.lower() for t in texts(v)),
    "contains-all": lambda a, v, c: all(t in a for t in texts(v)),
    "icontains-all": lambda a, v, c: all(t.lower() in a.lower() for t in texts(v)),
    "starts-with": lambda a, v, c: a.startswith(text(v)),
    "regex": lambda a, v, c: re.search(text(v), a) is not None,
    "is-json": is_json,
    "contains-json": contains_json,
    "levenshtein": lambda a, v, c: distance(a, text(v)) <= (5 if c.get("threshold") is None else c["threshold"]),
}


def python(answer, row, check):
    value, context = text(check["value"]), {"vars": row["columns"], "prompt": row["input"], "config": check.get("config") or {}}
    if value.startswith("file://"):
        path, _, name = value[len("file://"):].partition(".py:")
        path = path if path.endswith(".py") else path + ".py"
        spec = importlib.util.spec_from_file_location("given", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return getattr(module, name or "get_assert")(answer, context)
    names = {"output": answer, "context": context, "json": json, "re": re}
    if "\n" not in value.strip():
        return eval(value.strip(), names)
    body = "\n".join("    " + line for line in value.splitlines())
    exec("def check(output, context):\n" + body, names)
    return names["check"](answer, context)


def graded(result, check):
    """The score of what a function returned: a truth, a number, or an object with score and reason."""
    reason = None
    if isinstance(result, dict):
        reason = result.get("reason")
        result = result.get("score", result.get("pass", result.get("pass_", 0)))
    score, threshold = float(result), check.get("threshold")
    if threshold is not None and not isinstance(result, bool):
        score = 1.0 if score >= threshold else 0.0
    return min(1.0, max(0.0, score)), reason


def leaves(checks):
    for check in checks:
        if check["type"] == "assert-set":
            yield from leaves(check.get("assert") or [])
        else:
            yield check


def ask_node(rows):
    """Runs every check in JavaScript with one start of node; keeps what it returned in the check."""
    jobs = []
    for row in rows:
        for check in leaves((row["columns"].get("_checks") or {}).get("checks") or []):
            if check["type"].endswith("javascript"):
                context = {"vars": row["columns"], "prompt": row["input"], "config": check.get("config") or {}}
                jobs.append((check, {"code": check["value"], "output": row["answer"], "context": context}))
    if not jobs:
        return
    given = json.dumps([job for _, job in jobs])
    try:
        done = subprocess.run(["node", "checks.js"], input=given, capture_output=True, text=True)
    except OSError:
        sys.exit("checks in JavaScript need node, which was not found")
    if done.returncode:
        sys.exit("node: " + (done.stderr.strip().splitlines() or ["failed"])[-1])
    for (check, _), result in zip(jobs, json.loads(done.stdout)):
        check["result"] = result


def of_check(row, check):
    if check["type"] == "assert-set":
        return of_checks(row, check.get("assert") or [], check.get("threshold"))
    negated = check["type"].startswith("not-")
    kind = check["type"][4:] if negated else check["type"]
    answer, value = row["answer"], check.get("value")
    if kind == "javascript":
        score, reason = graded(check["result"], check)
    elif kind == "python":
        score, reason = graded(python(answer, row, check), check)
    else:
        score, reason = float(bool(KINDS[kind](answer, value, check))), None
    score = 1.0 - score if negated else score
    if score < 1 and reason is None:
        reason = "failed: " + check["type"] + ("" if value is None else " " + text(value)[:200])
    return score, reason if score < 1 else None


def of_checks(row, checks, threshold):
    if not checks:
        return None, "the row has no check"
    total, weights, reasons = 0.0, 0.0, []
    for check in checks:
        score, reason = of_check(row, check)
        weight = 1.0 if check.get("weight") is None else float(check["weight"])
        total, weights = total + weight * score, weights + weight
        reasons += [reason] if reason else []
    mean = total / weights if weights else 1.0
    score = mean if threshold is None else float(mean >= threshold)
    return score, "; ".join(reasons) or None


rows = [json.loads(line) for line in sys.stdin if line.strip()]
ask_node(rows)
for row in rows:
    given = row["columns"].get("_checks") or {}
    score, feedback = of_checks(row, given.get("checks") or [], given.get("threshold"))
    if score is None:
        print(json.dumps({"missing": feedback}))
    else:
        print(json.dumps({"score": score, **({"feedback": feedback} if feedback else {})}))
