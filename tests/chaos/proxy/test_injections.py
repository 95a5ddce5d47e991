"""Which request or connection is hit: no sockets; the clock is a number, the dice are a seed."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llmops.chaos.faults.base import RECEIPT_FIELDS, faults
from llmops.chaos.proxy import earlier_answers
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.earlier_answers import KEPT_ANSWERS
from llmops.chaos.proxy.http1 import scan_head
from llmops.chaos.proxy.injection import Injection, is_below_http, make_fault
from llmops.chaos.proxy.injections import Injections
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.leases import Leases
from llmops.chaos.proxy.reach import Reach
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.chaos.wire.dialects import dialect_of
from llmops.chaos.wire.parts import Action, AnswerHead, Fin, Reset, Wait
from llmops.errors import BadInput, UnknownName

BEGAN = datetime(2026, 11, 25, 10, tzinfo=UTC)
CHAT, EMBEDDINGS, FILES = "/v1/chat/completions", "/v1/embeddings", "/v1/files"
ANSWER = b'{"choices":[{"index":0,"message":{"content":"%s"},"finish_reason":"stop"}]}'
BELOW = ["accept_then_silence", "refused", "expired_certificate", "wrong_host", "unknown_authority", "handshake_stall"]


class Table:
    """The injections of one provider, their clock, and what the journal was told."""

    def __init__(self, *, seed: int = 0, tenant_header: str | None = None, tls: bool = False) -> None:
        self.now_s = 50.0
        self.lines: list[dict[str, Any]] = []
        self.called = 0
        journal = Journal(None)
        journal.listeners.append(lambda line: self.lines.append(dict(line)))
        self.leases = Leases(lambda: self.now_s, journal)
        self.injections = Injections(
            "openai",
            self.leases,
            journal,
            clock=lambda: self.now_s,
            now=lambda: BEGAN + timedelta(seconds=self.now_s),
            seed=seed,
            tenant_header=tenant_header,
        )
        self.injections.reach = Reach(tls=tls, tenant_header=tenant_header)

    def add(self, fault: str, *, name: str = "", lease_s: float | None = 60, **more: Any) -> None:
        schedule, scope = more.pop("schedule", None), more.pop("scope", None)
        made = make_fault(fault, more)
        self.injections.add(Injection(name or fault, made, schedule or Schedule(), scope or Scope()), lease_s=lease_s)

    def call(
        self,
        target: str = CHAT,
        *,
        model: str = "gpt-4o",
        stream: bool = False,
        headers: str = "",
        client: str = "10.0.0.1",
        padding: int = 0,
    ) -> Call:
        body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": "x" * padding}]})
        raw = f"POST {target} HTTP/1.1\r\nHost: proxy\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode()
        head = scan_head(raw, b"upstream")
        self.called += 1
        call = Call(head, dialect_of(b"POST", head.target.partition(b"?")[0]), 0.0, 0.0)
        call.number, call.client = self.called, client
        call.body = body.encode() if call.dialect else None
        call.request_bytes = len(raw) + len(body)
        return call

    def hits(self, **asked: Any) -> Sequence[str]:
        """The injections that hit one request."""
        call = self.call(**asked)
        return call.faults if self.injections.exchange(call, keep_alive=True) is not None else ()

    def receipts(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["kind"] == "receipt"]

    def answer(self, call: Call, text: str = "", *, status: int = 200, ended: str = "complete") -> None:
        """The call is over."""
        call.answer_head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
        call.status, call.ended = status, ended
        call.pieces = [ANSWER % text.encode()] if text else []
        self.injections.answered(call)


# --- the table


def test_an_injection_is_on_until_it_is_removed() -> None:
    table = Table()
    table.add("empty_content")
    assert table.injections.active
    assert table.hits() == ["empty_content"]
    table.injections.remove("empty_content")
    assert not table.injections.active
    assert table.hits() == ()
    notes = [line for line in table.lines if line["kind"] == "note"]
    assert [note["what"] for note in notes] == ["injection on", "injection off"]
    assert (notes[1]["why"], notes[1]["requests_in_scope"], notes[1]["requests_hit"]) == ("removed", 1, 1)


def test_it_ends_with_its_lease_and_not_before() -> None:
    table = Table()
    table.add("empty_content", lease_s=10)
    table.now_s += 9.999
    assert table.hits() == ["empty_content"]
    table.now_s += 0.001
    assert table.hits() == ()
    assert table.lines[-1]["why"] == "lease expired"


def test_who_renews_goes_on() -> None:
    table = Table()
    table.add("empty_content", lease_s=10)
    table.now_s += 9
    table.injections.renew("empty_content")
    table.now_s += 9
    assert table.injections.lease_left_s("empty_content") == 1  # 9 + 10 - 18
    assert table.hits() == ["empty_content"]


def test_a_name_is_taken_once_and_an_unknown_one_is_nearly_named() -> None:
    table = Table()
    table.add("empty_content")
    with pytest.raises(BadInput, match="'empty_content' is active already"):
        table.add("empty_content")
    for ask in (table.injections.remove, table.injections.renew, table.injections.counts):
        with pytest.raises(UnknownName) as caught:
            ask("empty_contnet")
        assert caught.value.hint == "did you mean 'empty_content'?"


def test_a_refused_injection_leaves_nothing_behind() -> None:
    table = Table()
    with pytest.raises(BadInput, match="a lease of"):
        table.add("empty_content", lease_s=0)
    with pytest.raises(BadInput, match="no route is named"):
        table.add("empty_content", scope=Scope(routes=("chat",)))
    assert (list(table.injections), table.injections.active, table.leases.next_expiry_s()) == ([], False, float("inf"))


def test_no_injection_takes_the_name_of_a_listener_that_is_disabled() -> None:
    with pytest.raises(BadInput, match="no injection may be named down"):
        Table().add("empty_content", name="down")


@pytest.mark.parametrize("name", ["a/b", "/", "", " ", ".", "..", "a\nb", "a\x00b", "\x7f"])
def test_no_injection_has_a_name_that_a_path_cannot_hold(name: str) -> None:
    with pytest.raises(BadInput, match="is no name for an injection"):
        Injection(name, make_fault("empty_content", {}))


@pytest.mark.parametrize("name", ["a b", "a.b", "größe", "a%2Fb", "x-1_2"])
def test_other_names_are_taken(name: str) -> None:
    assert Injection(name, make_fault("empty_content", {})).name == name


def test_the_journal_tells_what_was_injected_for_whom_and_when() -> None:
    table = Table()
    scope, schedule = Scope(models=("gpt-4o*",), stream=False), Schedule(first=3, probability=0.5)
    table.add("rate_limit_requests", retry_after_s=7, scope=scope, schedule=schedule)
    table.add("refused", schedule=Schedule(until_s=9))
    note = next(line for line in table.lines if line.get("what") == "injection on")
    assert note["parameters"] == {"requests_per_minute": 60, "retry_after_s": 7}
    assert note["schedule"] == {"first": 3, "probability": 0.5}
    assert note["scope"] == {"models": ("gpt-4o*",), "stream": False}
    (on,) = table.receipts()
    assert (on["state"], on["parameters"], on["schedule"], on["scope"]) == ("on", {}, {"until_s": 9}, {})


def test_clearing_ends_all_and_tells_each_end() -> None:
    table = Table()
    ended: list[str] = []
    table.injections.on_end = ended.append
    table.add("empty_content")
    table.add("bad_gateway")
    table.injections.clear()
    assert (ended, list(table.injections)) == (["empty_content", "bad_gateway"], [])


def test_all_that_match_a_request_hit_it_in_their_order() -> None:
    table = Table()
    for fault in ("wrong_model", "empty_content", "delayed_answer"):
        table.add(fault)
    assert table.hits() == ["wrong_model", "empty_content", "delayed_answer"]


# --- for whom


@pytest.mark.parametrize(
    ("scope", "inside", "outside"),
    [
        (Scope(models=("gpt-4o",)), {"model": "gpt-4o"}, {"model": "gpt-4o-mini"}),
        (Scope(models=("gpt-4o*",)), {"model": "gpt-4o-mini"}, {"target": FILES}),  # of a file nobody knows the model
        (Scope(routes=("openai_chat",)), {"target": CHAT}, {"target": EMBEDDINGS}),
        (Scope(routes=("/v1/emb*",)), {"target": EMBEDDINGS}, {"target": CHAT}),
        (Scope(routes=(FILES,)), {"target": FILES + "?limit=5"}, {"target": FILES + "/f-1"}),
        (Scope(stream=True), {"stream": True}, {"stream": False}),
        (Scope(stream=False), {"stream": False}, {"stream": True}),
        (Scope(tenants=("acme",)), {"headers": "x-tenant: acme\r\n"}, {"headers": "x-tenant: other\r\n"}),
        (Scope(tenants=("a*",)), {"headers": "X-TENANT:   acme \r\n"}, {"headers": ""}),
        (Scope(min_request_bytes=5000), {"padding": 5000}, {"padding": 4000}),
        (Scope(max_request_bytes=5000), {"padding": 4000}, {"padding": 5000}),
    ],
)
def test_only_requests_in_scope_are_hit_and_counted(
    scope: Scope, inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    table = Table(tenant_header="X-Tenant")
    table.add("bad_gateway", scope=scope)
    assert table.hits(**outside) == ()
    assert table.injections.counts("bad_gateway") == (0, 0)
    assert table.hits(**inside) == ["bad_gateway"]
    assert table.injections.counts("bad_gateway") == (1, 1)


def test_every_third_counts_the_requests_in_scope_only() -> None:
    table = Table()
    table.add("bad_gateway", schedule=Schedule(every=3), scope=Scope(stream=True))
    hits = [bool(table.hits(stream=stream)) for stream in (True, False, True, False, True, True)]
    assert hits == [False, False, False, False, True, False]
    assert table.injections.counts("bad_gateway") == (4, 1)


def test_the_first_two_are_counted_from_when_it_opens() -> None:
    table = Table()
    table.add("bad_gateway", schedule=Schedule(first=2, after_s=10))
    assert table.hits() == ()
    table.now_s += 10
    assert [bool(table.hits()) for _ in range(3)] == [True, True, False]


def test_a_ramp_begins_when_the_injection_does() -> None:
    table = Table()
    table.now_s = 7000
    table.add("bad_gateway", lease_s=None, schedule=Schedule(ramp=((0, 0.0), (100, 1.0))))
    assert table.hits() == ()
    table.now_s += 100
    assert table.hits() == ["bad_gateway"]


def test_a_client_is_hit_always_or_never() -> None:
    table = Table()
    table.add("bad_gateway", schedule=Schedule(probability=0.5, sticky="client"))
    clients = [f"10.0.0.{n}" for n in range(100)]
    first, second = ([bool(table.hits(client=client)) for client in clients] for _ in range(2))
    assert first == second
    assert 30 <= sum(first) <= 70  # 4 standard deviations are 20


def test_a_header_may_be_sticky_and_who_has_none_is_spared() -> None:
    table = Table()
    table.add("bad_gateway", schedule=Schedule(sticky="X-Session"))
    assert table.hits(headers="x-session: a\r\n") == ["bad_gateway"]
    assert table.hits() == ()


def test_the_same_seed_hits_the_same_requests() -> None:
    def run(seed: int) -> list[bool]:
        table = Table(seed=seed)
        table.add("bad_gateway", schedule=Schedule(probability=0.5))
        return [bool(table.hits()) for _ in range(100)]

    assert run(1) == run(1) != run(2)


def test_another_injection_moves_no_dice() -> None:
    def run(*more: str) -> list[bool]:
        table = Table()
        for fault in more:
            table.add(fault, schedule=Schedule(probability=0.5))
        table.add("bad_gateway", schedule=Schedule(probability=0.5))
        return ["bad_gateway" in table.hits() for _ in range(100)]

    assert run() == run("empty_content", "wrong_model")


def test_a_fault_with_a_state_has_one_for_all_its_requests() -> None:
    table = Table()
    table.add("rate_limiter", requests_per_minute=1, per_key=False)
    answered = []
    for _ in range(2):
        exchange = table.injections.exchange(table.call(), keep_alive=True)
        assert exchange is not None
        answered.append(exchange.begin() is not None)
    assert answered == [False, True]  # the second is refused: the bucket remembers the first


# --- what was asked, and what cannot be


@pytest.mark.parametrize("name", BELOW)
@pytest.mark.parametrize(
    "asked",
    [
        {"scope": Scope(models=("gpt-4o",))},
        {"scope": Scope(routes=("openai_chat",))},
        {"scope": Scope(tenants=("acme",))},
        {"scope": Scope(stream=False)},
        {"scope": Scope(min_request_bytes=0)},
        {"scope": Scope(max_request_bytes=9)},
        {"schedule": Schedule(sticky="client")},
    ],
)
def test_a_fault_on_connections_refuses_what_only_a_request_has(name: str, asked: dict[str, Any]) -> None:
    table = Table(tls=True, tenant_header="x-tenant")
    with pytest.raises(BadInput, match=f"{name} acts on connections"):
        table.add(name, **asked)


def test_these_are_all_the_faults_on_connections() -> None:
    assert [name for name in faults.names() if is_below_http(faults.get(name))] == sorted(BELOW)


@pytest.mark.parametrize("schedule", [Schedule(first=1), Schedule(every=2), Schedule(probability=0.5, until_s=9)])
def test_a_fault_on_connections_takes_time_count_and_probability(schedule: Schedule) -> None:
    table = Table()
    table.add("refused", schedule=schedule)
    assert table.injections.on_accept_active
    assert not table.injections.active  # nothing to look at when a request comes


@pytest.mark.parametrize(
    ("fault", "parameters", "message", "hint"),
    [
        ("empty_contnet", {}, "no fault is named 'empty_contnet'", "did you mean 'empty_content'?"),
        ("delayed_answer", {"dely_s": 1}, "delayed_answer has no parameter 'dely_s'", "did you mean 'delay_s'?"),
        ("bad_gateway", {"status": 502}, "bad_gateway has no parameter 'status'", "it takes none"),
        ("delayed_answer", {"delay_s": "1"}, "delayed_answer: delay_s is '1': Input should be a valid number", "its type is float"),  # noqa: E501
        ("delayed_answer", {"delay_s": -1}, "delay_s is -1", "give 0 or more"),
        ("empty_content", {"usage": "kept"}, "empty_content: usage is 'kept', and must be one of adjusted, left", ""),
        ("empty_content", {"usage": "lef"}, "empty_content: usage is 'lef'", "did you mean 'left'?"),
        ("delayed_answer", {"family": "http"}, "delayed_answer has no parameter 'family'", "known: delay_s, jitter_s"),
    ],
)  # fmt: skip
def test_a_wrong_fault_or_parameter_is_a_sentence_with_a_hint(
    fault: str, parameters: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(BadInput) as caught:
        make_fault(fault, parameters)
    assert str(caught.value).startswith(message)
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("fault", "parameters", "most"),
    [
        ("rate_limit_requests", {"retry_after_s": 2**64}, "31,536,000"),
        ("rate_limit_requests", {"requests_per_minute": 2**53}, "9,007,199,254,740,991"),
        ("rate_limit_requests", {"retry_after_s": 10**5000}, "31,536,000"),
        ("usage_inflated", {"factor": 10**18}, "1,000,000"),
        ("oversized_event", {"size_bytes": 10**11}, "67,108,864"),
        ("retry_after", {"variant": "http_date", "seconds": 1e15}, "31,536,000"),
        ("repetition_loop", {"times": 10**8}, "10,000"),
        ("keep_alive_flood", {"comments": 10**10}, "1,000,000"),
        ("delayed_answer", {"delay_s": 1e308}, "31,536,000"),
        ("delayed_answer", {"delay_s": float("inf")}, "31,536,000"),
        ("wrong_content_length", {"by_bytes": -(2**53)}, "9,007,199,254,740,991"),
    ],
)
def test_a_number_that_would_fail_or_fill_the_memory_is_refused_with_the_most_and_its_reason(
    fault: str, parameters: dict[str, Any], most: str
) -> None:
    with pytest.raises(BadInput) as caught:
        make_fault(fault, parameters)
    assert list(parameters)[-1] in str(caught.value)
    assert len(str(caught.value)) < 100
    assert caught.value.hint.startswith(f"give at most {most}: ")


def test_at_their_most_numbers_are_taken() -> None:
    make_fault("rate_limit_requests", {"retry_after_s": 31_536_000, "requests_per_minute": 2**53 - 1})
    make_fault("oversized_event", {"size_bytes": 64 * 1024 * 1024})
    make_fault("wrong_content_length", {"by_bytes": -(2**53 - 1)})


def test_an_injection_that_the_journal_did_not_take_is_not_on() -> None:
    """And the next try is a first one."""
    table = Table()
    full = OSError(28, "No space left on device")

    def disk(line: Mapping[str, Any]) -> None:
        if line.get("what") == "injection on":
            raise full

    table.injections._journal.listeners.append(disk)
    with pytest.raises(OSError, match="No space left"):
        table.add("bad_gateway")
    assert (list(table.injections), table.injections.active) == ([], False)
    assert table.leases.next_expiry_s() == float("inf")
    table.injections._journal.listeners.remove(disk)
    table.add("bad_gateway")
    assert table.hits() == ["bad_gateway"]


# --- connections


def played(table: Table) -> list[Action] | None:
    found = table.injections.accept_actions()
    return None if found is None else list(found[1])


def test_a_connection_is_hit_by_the_first_that_wants_it_and_the_receipt_counts() -> None:
    table = Table()
    table.add("accept_then_silence", name="quiet", schedule=Schedule(first=1), for_s=5.0)
    table.add("refused", schedule=Schedule(every=2))
    assert [type(action) for action in played(table) or ()] == [Wait, Fin]
    assert played(table) is None  # the first it sees, not the second
    assert [type(action) for action in played(table) or ()] == [Reset]
    said = [(line["injection"], line["state"], line["connections_seen"]) for line in table.receipts()]
    assert said == [("quiet", "on", 0), ("refused", "on", 0), ("quiet", "hit", 1), ("refused", "hit", 1)]


def test_the_end_of_a_fault_on_connections_is_a_state_receipt_with_both_moments() -> None:
    table = Table()
    table.add("accept_then_silence")
    played(table)
    table.now_s += 5
    table.injections.remove("accept_then_silence")
    off = table.receipts()[-1]
    assert (off["state"], off["why"], off["connections_seen"]) == ("off", "removed", 1)
    assert (off["at_from"], off["at_to"]) == ("2026-11-25T10:00:50.000000Z", "2026-11-25T10:00:55.000000Z")


def test_a_listener_that_refuses_sees_nobody_and_says_so() -> None:
    table = Table()
    table.add("refused", schedule=Schedule(after_s=10, until_s=20))
    states = []
    for moment in (0, 10, 19, 20):
        table.now_s = 50 + moment
        states.append(table.injections.refuses_connections())
    assert states == [False, True, True, False]
    assert table.receipts()[0]["connections_seen"] == "not observable"


def test_a_connection_that_slips_in_before_the_listener_is_closed_makes_the_state_no_other() -> None:
    table = Table()
    table.add("refused")
    assert table.injections.accept_actions() is not None
    table.injections.remove("refused")
    told = [(line["state"], line["connections_seen"]) for line in table.receipts()]
    assert told == [("on", "not observable"), ("hit", "not observable"), ("off", "not observable")]


def test_the_next_moment_is_on_the_clock_of_the_proxy() -> None:
    table = Table()
    assert table.injections.next_moment_s() == float("inf")
    table.add("refused", schedule=Schedule(after_s=10, until_s=20))
    assert table.injections.next_moment_s() == 60  # 50 + 10
    table.now_s = 60
    assert table.injections.next_moment_s() == 70


def test_a_wrong_certificate_is_shown_by_its_schedule_else_a_good_one() -> None:
    table = Table(tls=True)
    table.add("expired_certificate", schedule=Schedule(first=1))
    assert [table.injections.certificate() for _ in range(2)] == ["expired", "good"]


# --- no fault is skipped in silence


def test_a_fault_whose_call_ended_before_it_could_act_says_so() -> None:
    table = Table()
    table.add("empty_content")
    call = table.call()
    assert table.injections.exchange(call, keep_alive=True) is not None
    table.answer(call, ended="client_gone")
    (receipt,) = table.receipts()
    assert (receipt["applied"], receipt["call"]) == (False, call.number)
    assert receipt["reason"] == "the client left before the fault had done anything"


@pytest.mark.parametrize(
    ("status", "note", "reason"),
    [
        (101, "", "the connection switched protocols"),
        (200, "the answer is not strict HTTP/1.1: x", "the answer is not strict HTTP/1.1: x"),
        (200, "", "the answer is none that can be changed"),
    ],
)
def test_an_answer_that_no_fault_could_change_says_so(status: int, note: str, reason: str) -> None:
    table = Table()
    table.add("empty_content")
    call = table.call()
    table.injections.exchange(call, keep_alive=True)
    call.note = note
    table.answer(call, status=status)
    assert [line["reason"] for line in table.receipts()] == [reason]


def test_hit_is_who_was_chosen_and_applied_to_whom_something_was_done() -> None:
    table = Table()
    table.add("bad_gateway")
    table.add("context_length", name="late")  # the first answers; this one is hit and does nothing
    for _ in range(3):
        exchange = table.injections.exchange(table.call(), keep_alive=True)
        assert exchange is not None
        list(exchange.begin() or ())
    assert [table.injections.counts(name) for name in ("bad_gateway", "late")] == [(3, 3), (3, 3)]
    assert [table.injections.applied(name) for name in ("bad_gateway", "late")] == [3, 0]
    table.injections.remove("bad_gateway")
    assert table.lines[-1]["requests_applied"] == 3


def test_what_a_fault_confessed_and_never_left_is_not_told_as_applied() -> None:
    table = Table()
    table.add("wrong_fingerprint")
    call = table.call()
    exchange = table.injections.exchange(call, keep_alive=True)
    assert exchange is not None
    head = AnswerHead(200, b"OK", ((b"content-type", b"application/json"), (b"content-length", b"99")))
    assert list(exchange.head(head)) == []  # held
    table.answer(call, ended="client_gone")
    assert [line["applied"] for line in table.receipts()] == [False]


def test_a_fault_that_has_its_receipt_gets_no_second_one() -> None:
    table = Table()
    table.add("bad_gateway")
    call = table.call()
    exchange = table.injections.exchange(call, keep_alive=True)
    assert exchange is not None
    list(exchange.begin() or ())
    table.answer(call, ended="fault")
    (receipt,) = table.receipts()
    assert receipt["applied"]
    assert receipt.keys() >= RECEIPT_FIELDS - {"reason"}


# --- earlier answers


def earlier(table: Table, target: str = CHAT) -> list[bytes]:
    exchange = table.injections.exchange(table.call(target), keep_alive=True)
    assert exchange is not None
    return list(exchange._matched[0].context.earlier_answers)


def test_the_newest_answers_of_the_same_dialect_are_kept() -> None:
    table = Table()
    for n in range(KEPT_ANSWERS + 1):
        table.answer(table.call(), f"text {n}")
    table.add("stale_answer")
    assert earlier(table) == [ANSWER % b"text %d" % n for n in range(1, KEPT_ANSWERS + 1)]
    assert earlier(table, "/v1/messages") == []


def test_a_fault_that_gives_no_earlier_answer_has_none_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Call] = []
    monkeypatch.setattr(earlier_answers, "decoded_answer", decoded.append)
    table = Table()
    table.answer(table.call(), "kept")
    for fault, count in (("empty_content", 0), ("stale_answer", 1)):
        table.add(fault)
        exchange = table.injections.exchange(table.call(), keep_alive=True)
        assert exchange is not None
        list(exchange.head(AnswerHead(200, b"OK", ((b"content-length", b"2"),))))
        assert len(decoded) == count
        table.injections.clear()


@pytest.mark.parametrize("bad", [{"status": 500}, {"text": ""}, {"ended": "client_gone"}, {"ended": "upstream_reset"}])
def test_what_is_no_whole_good_answer_is_not_kept(bad: dict[str, Any]) -> None:
    table = Table()
    table.answer(table.call(), **{"text": "cut", **bad})
    table.add("stale_answer")
    assert earlier(table) == []
