"""The results as the tables of the README."""

import os
import statistics

NAMES = {
    "limit": "nginx that only reads the body and answers 200",
    "relaxed": "`relaxed`, Redis without AOF: credentials, limits, skim, XADD",
    "quota": "the same for a key with a limit",
    "everysec": "`relaxed`, `appendfsync everysec`",
    "redis": "`redis`, `appendfsync always`",
    "spool": "`spool`",
    "lua": "lua and a cosocket, without AOF",
    "lua-always": "lua and a cosocket, `appendfsync always`",
    "bad-key": "refusing an unknown key",
    "limited": "refusing what is limited",
}

GOALS = [  # name, variant, figure, against, {size: goal}, at least or at most
    ("`relaxed` / limit", "relaxed", "rate", "limit", {2: 0.70, 8: 0.60, 40: 0.45}, "≥"),
    ("`redis` / `relaxed` without AOF", "redis", "rate", "relaxed", {2: 0.5, 8: 0.5, 40: 0.5}, "≥"),
    ("`redis` / `relaxed` with `everysec`", "redis", "rate", "everysec", {2: 0.5, 8: 0.5, 40: 0.5}, "≥"),
    ("`spool` / `redis`", "spool", "rate", "redis", {2: 1, 8: 1, 40: 1}, "≥"),
    ("`relaxed` / lua", "relaxed", "rate", "lua", {2: 1.8, 8: 1.7, 40: 1.2}, "≥"),
    ("`redis` / lua, `always`", "redis", "rate", "lua-always", {2: 1.8, 8: 1.7, 40: 1.2}, "≥"),
    ("unknown key / limit", "bad-key", "rate", "limit", {2: 0.9, 8: 0.9, 40: 0.9}, "≥"),
    ("limited / limit", "limited", "rate", "limit", {2: 0.9, 8: 0.9, 40: 0.9}, "≥"),
    ("p99, `relaxed` / limit", "relaxed", "p99", "limit", {2: 3, 8: 3, 40: 3}, "≤"),
    ("CPU of nginx, `relaxed` / limit", "relaxed", "nginx", "limit", {8: 1.5}, "≤"),
    ("CPU of nginx, lua / `relaxed`", "lua", "nginx", "relaxed", {}, "≥"),
    ("CPU of nginx, lua / `redis`, `always`", "lua-always", "nginx", "redis", {}, "≥"),
]


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def head(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def figures(results, sizes, variants):
    """Rate and CPU of each variant: the medians of all rounds."""
    head("requests a second, µs of nginx + µs of Redis each", *(f"{size} KB" for size in sizes))
    for variant in variants:
        cells = []
        for size in sizes:
            rate, nginx, redis = (statistics.median(run[figure] for run in results[size][variant])
                                  for figure in ("rate", "nginx", "redis"))
            cells.append(f"{rate:,.0f}, {nginx:.0f}" + (f" + {redis:.0f}" if redis else ""))
        row(NAMES[variant], *cells)
    print()


def ratios(results, sizes, variants):
    """What was wanted: the median over the rounds of the ratio within a round."""
    head("ratio (goal)", *(f"{size} KB" for size in sizes))
    for name, variant, figure, against, goals, relation in GOALS:
        if variant not in variants or against not in variants:
            continue
        cells = []
        for size in sizes:
            pairs = zip(results[size][variant], results[size][against])
            ratio = statistics.median(ours[figure] / max(theirs[figure], 1e-9) for ours, theirs in pairs)
            if size not in goals:
                cells.append(f"{ratio:.2f}")
                continue
            held = ratio >= goals[size] if relation == "≥" else ratio <= goals[size]
            cells.append(f"{ratio:.2f} ({relation} {goals[size]}{'' if held else ', missed'})")
        row(name, *cells)
    print()


def kept(memory):
    """Memory: lines of a list."""
    for variant, size in memory.get("connections", {}).items():
        print(f"* An idle connection that has sent an event: {size / 1024:.1f} KB of the worker ({variant}).")
    if "key" in memory:
        print(f"* A key in the zone: {memory['key']:.0f} bytes.")
    if "full" in memory:
        full = memory["full"]
        print(f"* 10,000 keys and a zone of 256 KB: {full['errors']} of {full['requests']:,} requests failed; the zone "
              f"keeps {full['keys']} keys and has let {full['evicted']:,} go, the oldest first.")
    if "leak" in memory:
        leak = memory["leak"]
        print(f"* {leak['requests']:,} requests of all kinds: RSS {leak['first'] / 1024:,.0f} KB after a quarter of them, "
              f"{leak['last'] / 1024:,.0f} KB at the end, {leak['slope']:+.3f} bytes a request.")
    if "sanitized" in memory:
        done, reports = memory["sanitized"]
        print(f"* With AddressSanitizer, LeakSanitizer and UBSan: {done:,} requests, {reports} reports.")


def place(args, load):
    print(f"{args.rounds} rounds of {args.seconds} s each on {os.cpu_count()} cores; the load of the machine before was "
          f"{load:.1f}" + (", so it was busy with other things" if load > 0.3 else "") + ".\n")
