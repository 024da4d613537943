"""Compiles workflow code as it should not be, and looks for the sentence of check_workflow.py.

    check_workflow_test.py COMPILER CHECK_WORKFLOW.PY FLAG…
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

COMPILER, CHECK, *FLAGS = sys.argv[1:]

CODE = {
    "chrono.cpp": ("#include <chrono>\nauto run() { return std::chrono::system_clock::now(); }",
                   "chrono.cpp.o: run() uses std::chrono::_V2::system_clock::now(): use workflow::now() "
                   "(rule clock)"),
    "time.cpp": ("#include <ctime>\nnamespace shop { long step() { return std::time(nullptr); } }",
                 "time.cpp.o: shop::step() uses time: use workflow::now()"),
    "rand.cpp": ("#include <cstdlib>\nint run() { return std::rand(); }",
                 "run() uses rand: use workflow::random()"),
    "device.cpp": ("#include <random>\nunsigned run() { return std::random_device()(); }",
                   "uses std::random_device::_M_getval(): use workflow::random()"),
    "getenv.cpp": ("#include <cstdlib>\nchar* run() { return std::getenv(\"HOME\"); }",
                   "run() uses getenv: give it to the workflow as input"),
    "thread.cpp": ("#include <thread>\nvoid run() { std::thread([] {}).join(); }", "use workflow::spawn()"),
    "sleep.cpp": ("#include <thread>\nvoid run() { std::this_thread::sleep_for(std::chrono::seconds(1)); }",
                  "uses nanosleep: it blocks every workflow of the thread"),
    "file.cpp": ("#include <fstream>\nvoid run() { std::ofstream(\"f\") << 1; }", "it is an activity's work"),
    "cout.cpp": ("#include <iostream>\nvoid run() { std::cout << 1; }",
                 "uses std::cout: each replay writes it again: use workflow::logger()"),
    "hash.cpp": ("#include <string>\n#include <unordered_set>\n"
                 "int run(std::unordered_set<std::string> s) { s.insert(\"x\"); return s.begin()->size(); }",
                 "an unordered container: its order is another in another build"),
    "local.cpp": ("thread_local int seen = 0;\nint run() { return ++seen; }",
                  "uses seen: a run moves between threads: use a member (rule thread_local)"),
    "resumed.cpp": ("#include <coroutine>\n#include <cstdlib>\nstruct Co { struct promise_type {\n"
                    "  Co get_return_object() { return {}; }\n"
                    "  std::suspend_always initial_suspend() { return {}; }\n"
                    "  std::suspend_always final_suspend() noexcept { return {}; }  void return_void() {}\n"
                    "  void unhandled_exception() {} }; };\n"
                    "Co run() { co_await std::suspend_always(); std::rand(); }",
                    "resumed.cpp.o: run() [clone .resume] uses rand: use workflow::random()"),
}
CLEAN = "#include <map>\n#include <string>\nint run(std::map<std::string, int> m) { return m[\"x\"]; }"


class CheckWorkflow(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compiled(self, name: str, code: str) -> str:
        made = self.folder / f"{name}.o"
        subprocess.run([COMPILER, *FLAGS, "-x", "c++", "-c", "-", "-o", made], input=code, text=True,
                       check=True, timeout=60)
        return str(made)

    def checked(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, CHECK, *arguments], capture_output=True, text=True,
                              timeout=60, check=False)
        return done.returncode, done.stderr

    def test_each_call_is_named(self) -> None:
        for name, (code, sentence) in CODE.items():
            with self.subTest(name):
                status, said = self.checked(self.compiled(name, code))
                self.assertIn(sentence, said)
                self.assertEqual(status, 1)

    def test_what_asks_nothing_passes(self) -> None:
        self.assertEqual(self.checked(self.compiled("clean.cpp", CLEAN)), (0, ""))

    def test_the_objects_of_an_archive(self) -> None:
        archive = self.folder / "lib.a"
        objects = [self.compiled("clean.cpp", CLEAN), self.compiled("rand.cpp", CODE["rand.cpp"][0])]
        subprocess.run(["ar", "rc", archive, *objects], check=True, timeout=60)
        status, said = self.checked(str(archive))
        self.assertIn("lib.a(rand.cpp.o): run() uses rand", said)
        self.assertEqual(status, 1)

    def test_what_is_allowed(self) -> None:
        made = self.compiled("rand.cpp", CODE["rand.cpp"][0])
        for name in ("rand", "random", "rand.cpp:rand", "rand.cpp:random"):
            self.assertEqual(self.checked("--allow", name, made), (0, ""), name)
        for name in ("clock", "srand", "other.cpp:rand"):
            self.assertEqual(self.checked("--allow", name, made)[0], 1, name)
        chrono = self.compiled("chrono.cpp", CODE["chrono.cpp"][0])
        self.assertEqual(self.checked("--allow", "std::chrono::_V2::system_clock::now()", chrono), (0, ""))

    def test_no_object(self) -> None:
        self.assertNotEqual(self.checked(str(self.folder / "none.o"))[0], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
