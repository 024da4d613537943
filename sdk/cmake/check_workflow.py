"""Looks into the objects of workflow code for calls that a replay cannot repeat.

    check_workflow.py [--readelf PROGRAM] [--objdump PROGRAM] [--allow NAME]… OBJECT…

It finds what an object calls by name, in branches that no test takes too; not what a library calls for
it (temporal::determinism_guard does), and not in which order a container is walked: that an unordered
one is used at all is found. NAME is a symbol, or the name of a rule below, as the finding says;
FILE:NAME allows it in the objects of that file alone. Exit status 1 for findings.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120


@dataclass(frozen=True)
class Rule:
    name: str
    symbols: re.Pattern[str]
    instead: str


def rule(name: str, symbols: str, instead: str) -> Rule:
    return Rule(name, re.compile(rf"(?:{symbols})$"), instead)


RULES = [
    rule("clock", r"time|clock|clock_gettime|gettimeofday|timespec_get|ftime|_ZNSt6chrono\w*_clock3nowEv",
         "use workflow::now()"),
    rule("timezone", r"localtime(_r)?|mktime|tzset|_ZNSt6chrono\w*zone\w*",
         "it depends on the machine: use UTC, or ask in an activity"),
    rule("random", r"s?rand|s?random|initstate|setstate|[dlms]rand48|getrandom|getentropy|arc4random\w*"
         r"|_ZNSt13random_device\w*", "use workflow::random()"),
    rule("environment", r"(secure_)?getenv|environ|gethostname|uname|get(p?pid|tid)|sysconf"
         r"|_ZNSt6thread20hardware_concurrencyEv",
         "give it to the workflow as input, or ask for it in an activity"),
    rule("thread", r"pthread_create|thrd_create|_ZNSt6thread15_M_start_thread\w*|v?fork|posix_spawnp?"
         r"|system|popen|exec[lv]p?e?", "use workflow::spawn(), or an activity"),
    rule("wait", r"u?sleep|nanosleep|clock_nanosleep|pthread_cond_\w*wait|_ZNSt18condition_variable4wait\w*"
         r"|_ZNSt28__atomic_futex_unsigned_base\w*|sem_\w*wait|poll|select|epoll_wait",
         "it blocks every workflow of the thread: use workflow::sleep() or wait_until()"),
    rule("lock", r"(pthread_mutex|pthread_rwlock_(rd|wr)|mtx)_?lock|pthread_rwlock_(rd|wr)lock",
         "one thread at a time runs a workflow: no lock is needed"),
    rule("file", r"f?open(at)?(64)?|creat|_ZNSt13basic_filebuf\w*|_ZNSt1[45]basic_[io]?fstream\w*"
         r"|_ZNSt10filesystem\w*|mmap(64)?", "it is an activity's work"),
    rule("network", r"socket|connect|accept4?|bind|listen|getaddrinfo|(send|recv)(to|msg)?",
         "it is an activity's work"),
    rule("output", r"v?f?printf|puts|putchar|fwrite|fputs|write|_ZSt4(cout|cerr|clog)",
         "each replay writes it again: use workflow::logger()"),
    rule("unordered", r"_ZNKSt8__detail20_Prime_rehash_policy\w*",
         "an unordered container: its order is another in another build; use std::map or std::set"),
    rule("hash", r"_ZSt11_Hash_bytes\w*|_ZSt15_Fnv_hash_bytes\w*",
         "std::hash gives other numbers in another build"),
]
THREAD_LOCAL = Rule("thread_local", re.compile("$^"), "a run moves between threads: use a member")


@dataclass(frozen=True)
class Finding:
    object: str
    symbol: str
    rule: Rule


def findings(path: str, readelf: str) -> Iterator[Finding]:
    """readelf's lines are Num: Value Size Type Bind Vis Ndx Name; in an archive after "File: a.a(b.o)"."""
    member = path
    for line in run(readelf, "--symbols", "--wide", path).splitlines():
        if line.startswith("File: "):
            member = line.removeprefix("File: ")
        words = line.split()
        if len(words) < 8 or not words[0].rstrip(":").isdigit():
            continue
        kind, where, symbol = words[3], words[6], words[7].partition("@")[0]
        if kind == "TLS":
            yield Finding(member, symbol, THREAD_LOCAL)
        elif where == "UND":
            for one in RULES:
                if one.symbols.match(symbol):
                    yield Finding(member, symbol, one)


def allowed(finding: Finding, allow: set[str]) -> bool:
    """Object files are called after their source: order_saga.cpp.o."""
    file = re.sub(r"\.o(bj)?$", "", Path(finding.object.rstrip(")").replace("(", "/")).name)
    names = {finding.symbol, finding.rule.name, demangled(finding.symbol)}
    return bool(allow & (names | {f"{file}:{name}" for name in names}))


def callers(finding: Finding, objdump: str) -> list[str]:
    """The functions whose code names the symbol."""
    path = finding.object.partition("(")[0]
    found, function = [], ""
    for line in run(objdump, "--disassemble", "--reloc", "--no-show-raw-insn", path).splitlines():
        if begins := re.match(r"[0-9a-f]+ <(\S+)>:", line):
            function = begins[1]
        elif re.search(rf"\sR_\w+\s+{re.escape(finding.symbol)}(?:[-+@]|$)", line):
            found.append(demangled(function))
    return list(dict.fromkeys(found))


def demangled(symbol: str) -> str:
    return run("c++filt", symbol).strip()


def sentence(finding: Finding, objdump: str) -> str:
    by = ", ".join(callers(finding, objdump))
    uses = demangled(finding.symbol)
    return (f"{finding.object}: {by + ' uses ' if by else 'it uses '}{uses}: {finding.rule.instead} "
            f"(rule {finding.rule.name})")


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readelf", default="readelf")
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--allow", action="append", default=[], metavar="NAME")
    parser.add_argument("objects", nargs="+", metavar="OBJECT")
    arguments = parser.parse_args()
    found = dict.fromkeys(one for path in arguments.objects for one in findings(path, arguments.readelf))
    bad = [one for one in found if not allowed(one, set(arguments.allow))]
    for one in bad:
        print(sentence(one, arguments.objdump), file=sys.stderr)
    if bad:
        print("Workflow code does the same again in a replay: it asks nothing outside its history. What is "
              "right nevertheless is named after ALLOW in temporal_check_workflow().", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
