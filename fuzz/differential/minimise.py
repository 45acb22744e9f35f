"""Makes a differing case as small as it gets while it still differs in the same way."""

import re

import cases


def chunks(items):
    """Ever smaller runs of positions that could be left out."""
    size = len(items)
    while size:
        for start in range(0, len(items), size):
            yield range(start, min(start + size, len(items)))
        size //= 2


def without(text, pattern):
    """The text with one match of the pattern cut or replaced by its groups, each in turn."""
    for match in re.finditer(pattern, text):
        kept = match.group(1) if match.re.groups else ""
        yield text[: match.start()] + (kept or "") + text[match.end():]


def shorter_texts(text):
    lines = text.split("\n")
    if len(lines) > 1:
        for cut in chunks(lines):
            yield "\n".join(line for at, line in enumerate(lines) if at not in cut)
    # A pipeline's stage, a parenthesised part, an argument, a word.
    for pattern in [r" \| [^|{}()]*", r"\(([^()]*)\)", r"\([^()]*\)", r'"(?:[^"\\]|\\.)*"( )?', r"\{\{[^{}]*\}\}", r" [^\s(){}|]+(?=[ )])",
                    r', "[^"]*": [^,{}\[\]]*', r'"[^"]*": [^,{}\[\]]*, ', r"\{([^{}]*)\}", r", [^,\]}]*(?=[\]}])"]:
        yield from without(text, pattern)


def smaller(case):
    """Cases one step smaller."""
    args = case.get("args", [])
    for at in range(len(args)):
        for width in (2, 1):
            yield {**case, "args": args[:at] + args[at + width:]}
    files = case.get("files", {})
    for name in files:
        yield {**case, "files": {other: text for other, text in files.items() if other != name}}
    for key in ("helpers", "values", "template", "chart"):
        if key in case:
            yield {k: v for k, v in case.items() if k != key}
    for key in ("template", "values", "helpers", "chart"):
        for text in shorter_texts(case.get(key, "")):
            yield {**case, key: text}
    for name, text in files.items():
        for less in shorter_texts(text):
            yield {**case, "files": {**files, name: less}}
    for at, word in enumerate(args):
        for less in without(word, r",[^,]*"):
            yield {**case, "args": args[:at] + [less] + args[at + 1:]}


def minimise(case, mine, reference, folder, patience=400):
    """The smallest case found and its two results."""
    best = case
    results = cases.difference(case, mine, reference, folder)
    if results is None:
        return case, None
    shape = cases.shape(*results)
    improved = True
    while improved and patience > 0:
        improved = False
        for candidate in smaller(best):
            if len(str(candidate)) >= len(str(best)):
                continue
            patience -= 1
            if patience <= 0:
                break
            found = cases.difference(candidate, mine, reference, folder)
            if found and cases.shape(*found) == shape:
                best, results, improved = candidate, found, True
                break
    return best, results
