"""`orders`, the command line, against the running shop: in pipes, as scripts use it, and in a terminal."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from local.settings import REPOSITORY
from shop import Shop, http_call, wait_until
from terminal import TerminalProgram
from test_audit import by_hand
from test_stuck import no_refunds, wait_stuck

ORDERS = REPOSITORY / "build" / os.environ.get("JUMUN_PRESET", "release") / "cli" / "orders"
COMMAND_SECONDS = 90
KEY = "a-key-of-the-tests"

pytestmark = pytest.mark.shop


@pytest.fixture(scope="module")
def slow_shop(file_shop: Callable[..., Shop]) -> Shop:
    """Deliveries take their five seconds, no payment fails, and a key is asked for."""
    return file_shop(PAYMENT_FAILURE_RATE="0", API_KEY=KEY)


def environment(shop: Shop | None = None, **more: str) -> dict[str, str]:
    variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}
    if shop:
        variables["ORDER_URL"] = f"http://127.0.0.1:{shop.settings.ports['order']}"
        if key := shop.settings.environment.get("API_KEY"):
            variables["API_KEY"] = key
    return variables | more


def orders(shop: Shop | None, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [ORDERS, *words],
        env=environment(shop, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    assert "\x1b" not in done.stdout + done.stderr, done  # no terminal: no colour, no progress
    assert "\r" not in done.stdout + done.stderr, done
    return done


def result(shop: Shop, *words: str, status: int = 0) -> Any:
    done = orders(shop, *words, "--json")
    assert done.returncode == status, done
    return json.loads(done.stdout)


@contextmanager
def started(shop: Shop, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [ORDERS, *words],
        env=environment(shop),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def rest_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    """All that is not read yet, to its end. communicate() would lose what readline() has buffered."""
    assert process.stdout and process.stderr
    rest, told = process.stdout.read(), process.stderr.read()
    process.wait(10)
    return rest, told


# --- one order ---


def test_an_order_is_placed_once_for_one_amount(shop: Shop) -> None:
    first = orders(shop, "create", "cli-1", "99.50")
    assert (first.returncode, first.stderr) == (0, ""), first
    assert first.stdout.startswith("cli-1  PROCESSING"), first
    again = orders(shop, "create", "cli-1", "99.5")
    assert again.returncode == 0 and "before" in again.stderr, again
    other = orders(shop, "create", "cli-1", "99")
    assert (other.returncode, other.stdout) == (5, ""), other
    assert "ORD006" in other.stderr and "another amount" in other.stderr
    korean = orders(shop, "create", "cli-1", "99", LANG="ko_KR.UTF-8")
    assert korean.returncode == 5 and "다른 금액" in korean.stderr, korean
    for_scripts = orders(shop, "create", "cli-1", "99", "--json")
    assert json.loads(for_scripts.stderr)["code"] == "ORD006"
    assert shop.order("cli-1")["amountMinor"] == 9950


def test_the_end_of_an_order_is_its_exit_status(shop: Shop) -> None:
    good = orders(shop, "create", "wait-4", "100", "--wait", "30s")
    assert good.returncode == 0 and "COMPLETED" in good.stdout.splitlines()[0], good
    bad = orders(shop, "create", "wait-2", "100", "--wait", "30s")
    assert bad.returncode == 1, bad
    assert bad.stdout.splitlines()[0] == "wait-2  100 KRW  FAILED I003: The item is out of stock."
    assert orders(shop, "status", "wait-4").returncode == 0
    assert orders(shop, "status", "wait-2").returncode == 1
    assert result(shop, "status", "wait-2", status=1) == shop.order("wait-2")
    korean = orders(shop, "status", "wait-2", LC_ALL="ko_KR.UTF-8")
    assert "상품의 재고가 없습니다." in korean.stdout
    late = orders(shop, "cancel", "wait-4")
    assert late.returncode == 5 and "ORD005" in late.stderr, late
    unknown = orders(shop, "status", "nobody's")
    assert (unknown.returncode, unknown.stdout) == (4, ""), unknown


def test_what_the_shop_does_not_take_is_a_usage_error(shop: Shop) -> None:
    for words in (["create", "bad/id", "1"], ["list", "--from", "soon"], ["list", "--prefix", "a b"]):
        done = orders(shop, *words)
        assert done.returncode == 2 and "HTTP_400" in done.stderr, done


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "No command"),
        (["frob"], "frob"),
        (["status"], "ORDER"),
        (["create", "order-1", "1.001"], "AMOUNT"),
        (["create", "order-1", "-5"], "greater than 0"),
        (["list", "--status", "DONE"], "COMPLETED"),
        (["watch", "--url", "https://127.0.0.1"], "http://HOST:PORT"),
        (["resolve", "order-1", "refundPayment"], "--by"),
        (["load", "--mix", "best=1"], "best"),
        (["status", "order-1", "--api-key", "x"], "--api-key"),
    ],
)
def test_wrong_usage(words: list[str], told: str) -> None:
    done = orders(None, *words)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert told in done.stderr and "--help" in done.stderr, done


def test_help(shop: Shop) -> None:
    done = orders(None, "--help")
    assert (done.returncode, done.stderr) == (0, ""), done
    for command in "create status watch list cancel retry resolve audit scenario load completion".split():
        assert f"\n  {command} " in done.stdout
        assert orders(None, command, "--help").returncode == 0


@pytest.mark.parametrize("words", [["list"], ["watch"], ["scenario"], ["load"], ["watch", "order-1"]])
def test_a_shop_that_is_not_there(words: list[str]) -> None:
    with closing(socket.socket()) as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = orders(None, *words, ORDER_URL=url)
    assert (done.returncode, done.stdout) == (3, ""), done
    assert url in done.stderr and "Connection refused" in done.stderr, done


def test_a_shop_that_does_not_answer() -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = orders(None, "list", "--timeout", "200ms", "--url", url)
    assert done.returncode == 3 and "took too long" in done.stderr, done


def test_the_key_comes_from_the_environment_alone(slow_shop: Shop) -> None:
    assert orders(slow_shop, "list").returncode == 0
    assert orders(slow_shop, "list", API_KEY="").returncode == 6
    wrong = orders(slow_shop, "list", API_KEY="wrong")
    assert wrong.returncode == 6 and "wrong" not in wrong.stdout, wrong
    assert orders(slow_shop, "watch", API_KEY="wrong").returncode == 6


def test_an_order_on_its_way(slow_shop: Shop) -> None:
    placed = orders(slow_shop, "create", "cancel-6", "100", "--wait", "1ms")
    assert placed.returncode == 7 and "PROCESSING" in placed.stdout, placed
    cancelled = orders(slow_shop, "cancel", "cancel-6")
    assert cancelled.returncode == 0 and "accepted" in cancelled.stdout, cancelled
    done = orders(slow_shop, "status", "cancel-6", "--wait", "30s")
    assert done.returncode == 1 and "CANCELLED ORD004" in done.stdout, done


# --- the list ---


def test_the_list(shop: Shop) -> None:
    for order_id in ("page-1", "page-2", "주문-7"):
        orders(shop, "create", order_id, "12.5", "--wait", "30s")
    wait_until(lambda: "page-2" in orders(shop, "list").stdout, 10, "page-2 in the list")
    wait_until(lambda: "주문-7" in orders(shop, "list").stdout, 10, "주문-7 in the list")
    lines = orders(shop, "list", "--prefix", "page-").stdout.splitlines()
    assert lines[0].split() == ["CREATED", "ORDER", "AMOUNT", "STATUS", "CODE", "TOOK"]
    assert [line.split()[2:6] for line in lines[1:]] == [
        ["page-2", "12.5", "FAILED", "I003"],
        ["page-1", "12.5", "COMPLETED", lines[2].split()[5]],
    ]
    assert lines[1].index("12.5") == lines[2].index("12.5")
    failed = result(shop, "list", "--prefix", "page-", "--status", "FAILED", "--code", "I003")
    assert [item["orderId"] for item in failed["items"]] == ["page-2"]
    cut = orders(shop, "list", "--limit", "1")
    assert len(cut.stdout.splitlines()) == 2 and "more" in cut.stderr, cut
    none = orders(shop, "list", "--prefix", "none-")
    assert none.returncode == 0 and "no such order" in none.stderr, none


# --- watching ---


def test_an_order_is_watched_to_its_end(shop: Shop) -> None:
    done = orders(shop, "create", "watch-9", "100", "--watch")
    assert done.returncode == 1, done
    lines = done.stdout.splitlines()
    assert lines[-1] == "watch-9  100 KRW  FAILED D002: There is no delivery to this area."
    told = [line.split("  ", 1)[1] for line in lines[:-1]]
    assert told[0] == "accepted" and told[-1] == "ended FAILED D002"
    assert told[-2] == "compensation refundPayment COMPLETED"
    again = orders(shop, "watch", "watch-9", "--json")
    timeline = shop.get("order", "/orders/watch-9/timeline").json()["events"]
    assert [json.loads(line) for line in again.stdout.splitlines()] == timeline
    assert again.returncode == 1, again
    assert orders(shop, "watch", "nobody").returncode == 4


def test_all_orders_are_watched_until_ctrl_c(shop: Shop) -> None:
    with started(shop, "watch") as watching:
        assert watching.stdout
        seen: list[str] = []
        number = 0
        while not any("ended COMPLETED" in line for line in seen):
            # Whether it listens yet nothing tells: orders are placed until one is seen.
            assert shop.place(f"followed-{number}-4").status == 200
            number += 1
            assert number < 50
            shop.ended(f"followed-{number - 1}-4")
            if number > 3:
                seen.append(watching.stdout.readline())
        watching.send_signal(signal.SIGINT)
        rest, told = rest_of(watching)
    assert watching.returncode == 130
    assert "COMPLETED" in told and "events; " in told, told
    assert all("followed-" in line for line in [*seen, *rest.splitlines()])


def test_a_watch_in_a_terminal_is_live(slow_shop: Shop) -> None:
    with TerminalProgram([ORDERS, "create", "live-5", "100", "--watch"], environment(slow_shop)) as program:
        program.read_until("startDelivery RUNNING")
        assert program.ended() == 0
    assert "\x1b[32mCOMPLETED\x1b[0m" in program.text
    assert "\r\x1b[K⠋" in program.text  # the line at the bottom, again and again
    last = program.plain.rstrip().splitlines()[-1]
    assert last.rpartition("\r")[2] == "live-5  100 KRW  COMPLETED", last


def test_no_color_is_heard(slow_shop: Shop) -> None:
    variables = environment(slow_shop, NO_COLOR="1")
    with TerminalProgram([ORDERS, "list"], variables) as program:
        assert program.ended() == 0
    assert "\x1b" not in program.text and "CREATED" in program.text


def test_ctrl_c_ends_a_watch_but_not_the_order(slow_shop: Shop) -> None:
    with TerminalProgram([ORDERS, "create", "live-6", "100", "--watch"], environment(slow_shop)) as program:
        program.read_until("startDelivery RUNNING")
        program.interrupt()
        assert program.ended(5) == 130
    assert "the order goes on" in program.plain
    assert orders(slow_shop, "status", "live-6", "--wait", "30s").returncode == 0


def test_a_watch_goes_on_where_it_broke(slow_shop: Shop) -> None:
    with started(slow_shop, "create", "broken-8", "100", "--watch", "--json") as watching:
        assert watching.stdout
        lines = [watching.stdout.readline()]
        slow_shop.kill("order")
        slow_shop.start("order")
        rest, told = rest_of(watching)
    assert watching.returncode == 0, told
    events = [json.loads(line) for line in [*lines, *rest.splitlines()]]
    answer = slow_shop.get("order", "/orders/broken-8/timeline", **{"X-API-Key": KEY})
    assert events == answer.json()["events"]


# --- stuck compensations ---


@pytest.mark.timeout(180)
def test_a_stuck_compensation_is_tried_again_and_counted_as_done(shop: Shop) -> None:
    with no_refunds(shop):
        shop.place("stuck-2")
        early = orders(shop, "retry", "stuck-2", "refundPayment")
        assert early.returncode in (4, 5), early
        wait_stuck(shop, "stuck-2")
        assert "STUCK" in orders(shop, "status", "stuck-2").stdout
        retried = orders(shop, "retry", "stuck-2", "refundPayment")
        assert retried.returncode == 0 and "tried again" in retried.stdout, retried
        words = ["resolve", "stuck-2", "refundPayment", "--by", "kim", "--reason", "paid back by hand"]
        resolved = orders(shop, *words)
        assert resolved.returncode == 0 and "counts as done" in resolved.stdout, resolved
        done = orders(shop, "status", "stuck-2", "--wait", "30s")
    assert done.returncode == 1 and "RESOLVED" in done.stdout, done


# --- the audit ---


def test_the_audit(shop: Shop) -> None:
    shop.place("audited-4")
    assert shop.ended("audited-4") == "COMPLETED"
    done = orders(shop, "audit")
    assert done.returncode == 0, done
    lines = [line.split() for line in done.stdout.splitlines()]
    checks = {words[0]: words[1] for words in lines if len(words) > 1}
    assert all(checks[name] == "ok" for name in ("M1", "M6", "S2", "D2", "T2", "X1")), done
    assert done.stdout.splitlines()[-1].startswith("All holds, as of "), done
    assert result(shop, "audit")["ok"] is True


def test_an_audit_names_what_does_not_hold(shop: Shop) -> None:
    taken = "UPDATE item SET available = available - 1 WHERE item_id = 'ITEM_1'"
    with by_hand(shop, "inventory", taken):
        done = orders(shop, "audit")
        audit = result(shop, "audit", status=1)
    assert done.returncode == 1 and audit["ok"] is False, done
    lines = done.stdout.splitlines()
    assert any(line.split()[:3] == ["S2", "1", "violation"] for line in lines), done
    assert any(line.split()[:1] == ["ITEM_1"] for line in lines), done
    assert lines[-1].startswith("Not all holds, as of "), done


# --- scenario and load ---


@pytest.mark.timeout(240)
def test_the_scenarios_of_the_readme(shop: Shop) -> None:
    done = orders(shop, "scenario")
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["AS", "ORDER", "EXPECTED", "ACTUAL"]
    assert len(lines) == 13 and all(line.startswith("ok ") for line in lines[1:]), done.stdout
    rows = result(shop, "scenario")["scenarios"]  # again, with other ids
    assert {row["name"]: row["actual"]["code"] for row in rows if row["actual"]["code"]} == {
        "order-2": "I003",
        "order-3": "I002",
        "order-9": "D002",
        "order-10": "I001",
        "over the limit": "P001",
        "order-16": "P002",
    }
    assert not {row["orderId"] for row in rows} & set(done.stdout.split())


@pytest.mark.timeout(240)
def test_a_scenario_that_differs(shop: Shop) -> None:
    for name in ("SEOUL", "DAEGU"):
        assert shop.put("inventory", f"/warehouses/{name}", {"open": False}).status == 200
    try:
        done = orders(shop, "scenario")
    finally:
        for name in ("SEOUL", "DAEGU"):
            shop.put("inventory", f"/warehouses/{name}", {"open": True})
    assert done.returncode == 1, done
    differ = [line for line in done.stdout.splitlines() if line.startswith("DIFFERS")]
    assert [line.split()[1] for line in differ] == [f"order-{n}" for n in (4, 5, 6, 7, 8, 9)]
    assert all("FAILED I004" in line for line in differ), differ


def test_scenarios_that_cannot_be_had_are_left_out(slow_shop: Shop) -> None:
    with_rate = orders(slow_shop, "scenario", PAYMENT_FAILURE_RATE="0")
    assert with_rate.returncode == 0, with_rate
    last = with_rate.stdout.splitlines()[-1]
    assert last.split()[:2] == ["-", "order-16"] and "payment fails no order" in last, last


@pytest.mark.timeout(240)
def test_a_load_is_measured(shop: Shop) -> None:
    mix = ["--mix", "ok=3,no-area=1,over-limit=1,cancel=1"]
    load = result(shop, "load", "--rate", "20", "--for", "2s", *mix)
    assert load["whole"] is True
    assert (load["orders"], load["accepted"], load["notEnded"]) == (40, 40, 0)
    assert load["notAccepted"] == {}
    assert sum(load["ended"].values()) == load["end"]["count"] == load["post"]["count"] == 40
    for times in (load["post"], load["end"]):
        assert 0 < times["p50Ms"] <= times["p90Ms"] <= times["p99Ms"] <= times["maxMs"]
    assert load["post"]["p50Ms"] < load["end"]["p50Ms"]
    listed = result(shop, "list", "--prefix", "load-", "--limit", "200")
    assert len(listed["items"]) == 40
    text = orders(shop, "load", "--rate", "5", "--for", "1s")
    assert text.returncode == 0, text
    assert text.stdout.splitlines()[0].startswith("5 of 5 orders accepted"), text
    assert "p99" in text.stdout and "order's end" in text.stdout


def test_a_load_that_is_not_accepted_fails(new_shop: Callable[..., Shop]) -> None:
    limited = new_shop(DELIVERY_TIME_SCALE="0", RATE_LIMIT="5")
    done = orders(limited, "load", "--rate", "100", "--for", "500ms", "--json")
    assert done.returncode == 1, done
    load = json.loads(done.stdout)
    assert load["notAccepted"]["HTTP_429"] + load["accepted"] == 50, load


class Deaf(BaseHTTPRequestHandler):
    """Hands requests on to the shop; that of one order is never answered."""

    order = 0  # its port

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = http_call(self.order, self.command, self.path, body or None, dict(self.headers))
        if b"-3-" in body:
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_a_load_counts_only_what_was_accepted(shop: Shop) -> None:
    """An order whose POST got no answer is placed all the same."""
    handler = type("DeafToOne", (Deaf,), {"order": shop.settings.ports["order"]})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            done = orders(shop, "load", "--rate", "10", "--for", "1s", "--json", ORDER_URL=url)
        finally:
            server.shutdown()
            serving.join()
    assert done.returncode == 1, done
    load = json.loads(done.stdout)
    assert (load["accepted"], load["notAccepted"], load["notEnded"]) == (9, {"no answer": 1}, 0), load
    assert sum(load["ended"].values()) == load["end"]["count"] == 9, load


def test_a_load_in_a_terminal_has_a_bar_and_ctrl_c_a_summary(slow_shop: Shop) -> None:
    words = ["load", "--rate", "10", "--for", "60s"]
    with TerminalProgram([ORDERS, *words], environment(slow_shop)) as program:
        program.read_until("█")
        program.interrupt()
        assert program.ended(5) == 130
    summary = program.plain.rpartition("\r")[0].rsplit("]", 1)[1]
    assert "of 600 orders accepted" in summary and "p99" in summary, summary
    assert "under way go on" in summary


# --- completion ---


def completion(tmp_path: Path, shell: str) -> Path:
    done = orders(None, "completion", shell)
    assert (done.returncode, done.stderr) == (0, ""), done
    script = tmp_path / f"orders.{shell}"
    script.write_text(done.stdout)
    return script


CASES = [
    (["sta"], {"status"}),
    (["list", "--sta"], {"--status"}),
    (["list", "--status", "C"], {"COMPLETED", "CANCELLED"}),
    (["retry", "order-1", "re"], {"refundPayment", "restockInventory"}),
    (["completion", ""], {"bash", "zsh", "fish"}),
    (["load", "--m"], {"--mix", "--most"}),
    (["watch", "--j"], {"--json"}),
]


@pytest.mark.parametrize(("words", "offered"), CASES, ids=[" ".join(words) for words, _ in CASES])
def test_bash_completes(tmp_path: Path, words: list[str], offered: set[str]) -> None:
    script = f"""
        source {completion(tmp_path, "bash")}
        COMP_WORDS=(orders "$@") COMP_CWORD=$#
        _orders
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = run_shell("bash", "--norc", "-c", script, "bash", *words)
    assert offered <= set(done.split()) and (words[-1] == "" or offered == set(done.split())), done


@pytest.mark.parametrize(("words", "offered"), CASES, ids=[" ".join(words) for words, _ in CASES])
def test_fish_completes(tmp_path: Path, words: list[str], offered: set[str]) -> None:
    line = " ".join(["orders", *words])
    done = run_shell("fish", "-N", "-c", f"source {completion(tmp_path, 'fish')}; complete -C '{line}'")
    found = {row.split("\t")[0] for row in done.splitlines()}
    assert offered == found, done


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("orders sta", "orders status"),
        ("orders list --sta", "orders list --status"),
        ("orders list --status PRO", "orders list --status PROCESSING"),
        ("orders retry order-1 refund", "orders retry order-1 refundPayment"),
        ("orders load --mi", "orders load --mix"),
    ],
)
def test_zsh_completes(tmp_path: Path, typed: str, shown: str) -> None:
    script = completion(tmp_path, "zsh")
    zsh = shutil.which("zsh")
    assert zsh, "zsh is not installed; tools/setup --test installs it"
    (tmp_path / ".zshrc").write_text(
        f"autoload -Uz compinit; compinit -D; source {script}; PROMPT='ready> '\n"
    )
    variables = {"PATH": os.environ["PATH"], "ZDOTDIR": str(tmp_path), "LANG": "C.UTF-8"}
    with TerminalProgram([zsh, "-o", "no_global_rcs", "-i"], variables) as program:
        program.read_until("ready> ")
        program.type(typed + "\t")
        program.read_until(shown + " ")


def run_shell(shell: str, *words: str) -> str:
    program = shutil.which(shell)
    assert program, f"{shell} is not installed; tools/setup --test installs it"
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout
