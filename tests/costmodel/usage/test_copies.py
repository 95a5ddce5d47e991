import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llmops.costmodel.usage.copies import set_aside
from llmops.costmodel.usage.intake import create_staged
from llmops.costmodel.usage.reasons import DUPLICATE, NOT_A_CALL
from llmops.costmodel.usage.store import UsageLog

Usage = Callable[..., UsageLog]
Written = Callable[..., Path]
CALL = {"object": "chat.completion", "usage": {"prompt_tokens": 1, "completion_tokens": 1}}


def test_copies_are_found_across_files(usage: Usage, written: Written) -> None:
    files = [
        written("".join(json.dumps({**CALL, "id": key}) + "\n" for key in keys), name)
        for name, keys in {"one": "abc", "two": "cd", "three": "ee"}.items()
    ]
    log = usage(files)
    assert [source.rows_read for source in log.sources] == [2, 2, 1]  # of copies, openai_chat keeps the last
    assert [dict(source.set_aside) for source in log.sources] == [{DUPLICATE: 1}, {}, {DUPLICATE: 1}]


def test_calls_without_a_key_are_all_different(usage: Usage, written: Written) -> None:
    assert usage(written(f"{json.dumps(CALL)}\n" * 3)).rows_read == 3


def test_one_key_in_two_formats_is_two_calls(usage: Usage, written: Written) -> None:
    other = {"type": "message", "id": "a", "usage": {"input_tokens": 1, "output_tokens": 1}}
    log = usage([written(json.dumps({**CALL, "id": "a"}), "one"), written(json.dumps(other), "two")])
    assert log.rows_read == 2


def test_a_rejected_copy_does_not_displace_a_good_record(usage: Usage, written: Written) -> None:
    from decimal import Decimal

    bad = {**CALL, "id": "a", "usage": {"prompt_tokens": -1, "completion_tokens": 1}}
    log = usage(written(f"{json.dumps({**CALL, 'id': 'a'})}\n{json.dumps(bad)}\n"), max_rejected_percent=Decimal(50))
    assert (log.rows_read, log.rows_rejected, log.rows_set_aside) == (1, 1, 0)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, "k1", "k2", "k3"])), max_size=20), st.booleans()
)
def test_one_record_of_each_key_is_left(records: list[tuple[str, str | None]], keep_last: bool) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(create_staged())
        insert = "insert into staged (reader, dedupe_key, keep_last, is_blank) values (?, ?, ?, false)"
        for reader, key in records:
            connection.execute(insert, [reader, key, keep_last])
        set_aside(connection)
        left = connection.execute("select rowid from staged where set_aside is null order by rowid").fetchall()
    keyed = {
        record: n
        for n, record in (enumerate(records) if keep_last else reversed(list(enumerate(records))))
        if record[1]
    }
    assert [n for (n,) in left] == sorted([*keyed.values(), *(n for n, record in enumerate(records) if not record[1])])


def spans(usage: Usage, written: Written, parents: dict[str, str | None], with_usage: str) -> Any:
    """The spans that count, of spans without an operation: who is below whom, and which have usage."""
    counts = [{"key": f"gen_ai.usage.{name}_tokens", "value": {"intValue": "1"}} for name in ("input", "output")]
    found = [
        {
            "traceId": "t",
            "spanId": span,
            "parentSpanId": parent or "",
            "attributes": counts if span in with_usage else [],
        }
        for span, parent in parents.items()
    ]
    log = usage(written(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": found}]}]})))
    assert set(log.set_aside_by_reason) <= {NOT_A_CALL}
    return "".join(key[2:] for (key,) in log.connection.execute("select dedupe_key from usage order by 1").fetchall())


def test_a_span_counts_unless_one_below_it_does(usage: Usage, written: Written) -> None:
    chain = {"a": None, "b": "a", "c": "b", "d": "c"}
    assert spans(usage, written, chain, "abcd") == "d"
    assert spans(usage, written, chain, "ad") == "d"  # the spans between them have no usage of their own
    assert spans(usage, written, chain, "b") == "b"  # what is below it has none
    assert spans(usage, written, {"a": None, "b": "a", "c": "a", "x": None}, "abcx") == "bcx"
    assert spans(usage, written, {"a": "lost", "b": "b"}, "a") == "a"
