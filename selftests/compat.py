#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
compat.py - compare Documentation/compat.md with kernels, with their sources, and with the headers

usage: compat.py kernel DIR		with the BTF of one kernel
       compat.py headers		with what include/scx declares
       compat.py sources TREE SERIES	where kfuncs may be called, with a kernel's sources
       compat.py newest			print the newest series that the page knows
       compat.py print DIR...		the page, with since, to and value as these kernels have them

selftests/compat-md runs it. A DIR there has what is known of a kernel: "series"; "probe", the JSON
of scx_probe; "funcs", the names of its functions. What is wrong is printed, a line each, and makes
the status 1.
"""

import glob
import json
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(TOP, "Documentation/compat.md")

AT_LARGE = "Kfuncs of BPF at large"
NOT_COVERED = "Not covered"


def number(series):
    """6.12 and 6.12-debug as a pair that can be compared"""
    return tuple(int(n) for n in series.split("-")[0].split("."))


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


class Row:
    """A row of a table: what it is about, and its cells by the names of their columns."""

    def __init__(self, line, heading, columns, cells):
        self.line = line
        self.heading = heading
        self.cells = dict(zip(columns, cells))
        tag = re.search(r"\b(?:struct|enum) (\w+)$", heading)
        self.type = tag.group(1) if tag else None
        # of a kfunc the kernel's name is looked for, of all else the first cell
        self.names = quoted(self.cells.get("in the kernel", cells[0]))

    def is_kfunc(self):
        return "in the kernel" in self.cells

    def value_on(self, series):
        """The value that the row promises: "0x10; 6.19: 0x10000" """
        value = None
        for part in self.cells["value"].split(";"):
            since, _, new = part.strip().rpartition(": ")
            if not since or number(series) >= number(since):
                value = new
        return value

    def promised(self, series):
        since, to = self.cells["since"], self.cells["to"]
        return number(since) <= number(series) and (not to or number(series) <= number(to))


class Page:
    def __init__(self):
        self.rows = []
        self.not_covered = []
        heading, columns = "", None
        with open(PAGE, encoding="utf-8") as f:
            self.lines = f.read().splitlines()
        for i, line in enumerate(self.lines):
            if line.startswith("#"):
                heading = line.lstrip("# ")
            if heading == NOT_COVERED:
                self.not_covered += quoted(line)
            if not line.startswith("|"):
                columns = None
                continue
            cells = [c.strip() for c in line.strip("|").split("|")]
            if columns is None:
                columns = cells
            elif "since" in columns and not set(line) <= set("|- "):
                self.rows.append(Row(i, heading, columns, cells))

    def names(self, rows):
        return [n for row in rows for n in row.names]


class Kernel:
    """What a kernel has."""

    def __init__(self, path):
        with open(os.path.join(path, "series"), encoding="ascii") as f:
            self.series = f.read().strip()
        with open(os.path.join(path, "probe"), encoding="utf-8") as f:
            self.probe = json.load(f)
        with open(os.path.join(path, "funcs"), encoding="ascii") as f:
            self.funcs = set(f.read().split())
        self.forms = {}
        for kfunc in self.probe["kfuncs"].values():
            self.forms.update(kfunc["forms"])

    def find(self, row, name):
        """Something if the kernel has it, which of an enumerator is its value; or None"""
        if row.is_kfunc():
            return self.forms.get(name)
        if row.heading == AT_LARGE:
            return name if name in self.funcs else None
        return self.probe[row.type].get(name)


def check_row(row, kernel):
    for name in row.names:
        found, promised = kernel.find(row, name), row.promised(kernel.series)
        if bool(found) != promised:
            yield f"{name} is {'' if found else 'not '}there, the table says otherwise"
        elif promised and "value" in row.cells and found != row.value_on(kernel.series):
            yield f"{name} is {found}, the table says {row.value_on(kernel.series)}"


def check_names(page, kernel):
    """The table of scx_probe and the page list the same things."""
    kfuncs = [r for r in page.rows if r.is_kfunc()]
    lists = {t: v for t, v in kernel.probe.items() if isinstance(v, dict)}
    del lists["kfuncs"], lists["schedulers"]
    pairs = [("kfuncs", kernel.forms, page.names(kfuncs)),
             ("kfuncs as schedulers write them", kernel.probe["kfuncs"],
              quoted(" ".join(r.cells["in a scheduler"] for r in kfuncs)))]
    pairs += [(t, v, page.names(r for r in page.rows if r.type == t)) for t, v in lists.items()]
    for what, probe, listed in pairs:
        for name in set(probe) ^ set(listed):
            yield f"{what}: {name} is in only one of scx_probe.h and the page"
        for name in {n for n in listed if listed.count(n) > 1}:
            yield f"{what}: {name} is on the page twice"


def check_kernel(path):
    page, kernel = Page(), Kernel(path)
    for row in page.rows:
        yield from check_row(row, kernel)
    yield from check_names(page, kernel)
    for name in kernel.probe["others"]:
        if name not in page.not_covered:
            yield f"{name} is neither in a table nor among what is not covered"


def c_code(path):
    """A file without comments and preprocessor lines"""
    with open(path, encoding="utf-8") as f:
        code = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    return re.sub(r"^#(.*\\\n)*.*$", "", code, flags=re.M)


def kernel_name(extern):
    """libbpf cuts the last ___suffix off"""
    return re.sub(r"___(?!.*___).*$", "", extern)


def check_headers():
    page = Page()
    listed = page.names(r for r in page.rows if r.is_kfunc() or r.heading == AT_LARGE)
    declared = set()
    for path in glob.glob(os.path.join(TOP, "include/scx/*.h")):
        for part in c_code(path).split(";"):
            name = re.search(r"(\w+)\s*\((?!.*\}).*\)\s*__ksym\b", part, flags=re.S)
            if name:
                declared.add(kernel_name(name.group(1)))
    for name in declared - set(listed):
        yield f"{name} is declared in include/scx and not on the page"
    for name in set(listed) - declared:
        yield f"{name} is on the page and not declared in include/scx"
    yield from check_flags(page)


def check_flags(page):
    """What becomes of ops flags, by the table in enums.h"""
    words = {"DROP": "dropped:", "SAY": "dropped, with a line:", "FATAL": ""}
    with open(os.path.join(TOP, "include/scx/enums.h"), encoding="utf-8") as f:
        fate = dict(re.findall(r'"(SCX_OPS_\w+)",\s*SCX_FLAG_(\w+)', f.read()))
    for row in page.rows:
        if row.type == "scx_ops_flags":
            want, text = words[fate[row.names[0]]], row.cells["where it is missing"]
            if not text.startswith(want) or (not want and text):
                yield f"{row.names[0]}: enums.h says '{want}', the table '{text}'"


# The kernel's sets of kfuncs, and the groups that they make up on the page
GROUPS = {
    ("any",): "any",
    ("idle",): "any",
    ("select_cpu",): "select",
    ("select_cpu", "unlocked"): "select",
    ("enqueue_dispatch",): "insert",
    ("dispatch",): "dispatch",
    ("dispatch", "unlocked"): "move",
    ("unlocked",): "unlocked",
    ("cpu_release",): "release",
}

# What a callback may call, 6.12 and the later kernels
MASKS = {
    "SCX_KF_SELECT_CPU": "select",
    "SCX_KF_ENQUEUE": "insert",
    "SCX_KF_DISPATCH": "insert dispatch",	# what inserts takes either
    "SCX_KF_CPU_RELEASE": "release",
    "SCX_KF_UNLOCKED": "unlocked",
    "SCX_KF_REST": "",
    "SCX_KF_ALLOW_SELECT_CPU": "select",
    "SCX_KF_ALLOW_ENQUEUE": "insert",
    "SCX_KF_ALLOW_DISPATCH": "dispatch",
    "SCX_KF_ALLOW_CPU_RELEASE": "release",
    "SCX_KF_ALLOW_UNLOCKED": "unlocked",
    # cid-form schedulers, 7.2 and 7.3
    "SCX_KF_ALLOW_INIT": "",
    "SCX_KF_ALLOW_INIT_CIDS": "",
}


def kernel_sources(tree):
    files = glob.glob(os.path.join(tree, "kernel/sched/ext*.c"))
    return "\n".join(c_code(p) for p in files + glob.glob(os.path.join(tree, "kernel/sched/ext/*.c")))


def kfunc_groups(code):
    sets = {}
    for name, body in re.findall(r"BTF_KFUNCS_START\(scx_kfunc_ids_(\w+)\)(.*?)BTF_KFUNCS_END",
                                 code, flags=re.S):
        for kfunc in re.findall(r"BTF_ID_FLAGS\(func, (\w+)", body):
            # one that cid-form schedulers may not call is in a set more
            if name != "cpu_only":
                sets.setdefault(kfunc, set()).add(name)
    return {k: GROUPS.get(tuple(sorted(v))) for k, v in sets.items()}


def callback_groups(code):
    calls = re.findall(r"SCX_CALL_OP\w*\(\s*(SCX_KF_\w+(?:\s*\|\s*SCX_KF_\w+)*),\s*(\w+)", code)
    calls += [(m, op) for op, m in re.findall(
        r"\[SCX_OP_IDX\((\w+)\)\]\s*=\s*(SCX_KF_\w+(?:\s*\|\s*SCX_KF_\w+)*)", code)]
    groups = {}
    for masks, op in calls:
        words = " ".join(MASKS.get(m, m) for m in re.findall(r"\w+", masks))
        groups.setdefault(op, set()).update(words.split())
    return groups


def check_sources(tree, series):
    page, code = Page(), kernel_sources(tree)
    kfuncs, callbacks = kfunc_groups(code), callback_groups(code)
    column = "on 6.12" if number(series) == (6, 12) else "kfuncs"
    if not kfuncs or not callbacks:
        yield f"no sets of kfuncs or no callbacks found in {tree}"
    for row in page.rows:
        for name in row.names:
            if row.is_kfunc() and name in kfuncs and kfuncs[name] != row.cells["from"]:
                yield f"{name} may be called from {kfuncs[name]}, not {row.cells['from']}"
            if row.type != "sched_ext_ops" or not row.promised(series):
                continue
            seen, said = callbacks.get(name, set()), set(row.cells[column].split())
            if seen != said:
                yield f"{name} may call {sorted(seen)}, not {sorted(said)}"


def print_newest():
    page = Page()
    print(max((r.cells[c] for r in page.rows for c in ("since", "to") if r.cells[c]), key=number))
    return []


def first_and_last(row, kernels):
    """since and to, as the kernels have them"""
    has = [bool(k.find(row, row.names[0])) for k in kernels]
    series = [k.series.split("-")[0] for k in kernels]
    if not any(has):
        return row.cells["since"], row.cells["to"]
    first, last = has.index(True), len(has) - 1 - has[::-1].index(True)
    return series[first], "" if last == len(has) - 1 else series[last]


def values(row, kernels):
    parts, value = [], None
    for k in kernels:
        found = k.find(row, row.names[0])
        if found and found != value:
            parts.append(f"{k.series.split('-')[0]}: {found}" if parts else found)
            value = found
    return "; ".join(parts) or row.cells["value"]


def print_page(paths):
    page = Page()
    kernels = sorted((Kernel(p) for p in paths), key=lambda k: number(k.series))
    for row in page.rows:
        cells = row.cells
        cells["since"], cells["to"] = first_and_last(row, kernels)
        if "value" in cells:
            cells["value"] = values(row, kernels)
        line = "".join(f"| {c} " if c else "| " for c in cells.values()) + "|"
        page.lines[row.line] = line
    print("\n".join(page.lines))
    return []


def main(args):
    commands = {
        ("kernel", 1): check_kernel,
        ("headers", 0): check_headers,
        ("sources", 2): check_sources,
        ("newest", 0): print_newest,
    }
    if args and args[0] == "print":
        wrong = print_page(args[1:])
    elif args and (args[0], len(args) - 1) in commands:
        wrong = list(commands[args[0], len(args) - 1](*args[1:]))
    else:
        sys.exit(__doc__.strip())
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
