from typing import Any

from llmops.costmodel.usage.containers import Records
from llmops.costmodel.usage.fields import Fields


def values(records: Records, *paths: tuple[str, ...]) -> tuple[Any, ...]:
    import duckdb

    fields = Fields(records)
    asked = ", ".join(fields(*path) for path in paths)
    query = f"""
        with one as (select *{fields.level_one()} from ({records.relation})),
        two as (select *{fields.level_two()} from one) select {asked} from two"""  # noqa: S608 - our own names
    return tuple(duckdb.execute(query).fetchall()[0])


def test_a_json_record_is_followed_into_objects_and_into_text_that_holds_json() -> None:
    text = """{"a": 1, "b": {"c.d": "x", "e/f~": true}, "g": "{\\"h\\": [5, 6]}", "i": "", "j": null}"""
    records = Records(f"select NULL as fault, '{text}' as text")
    paths = [("a",), ("b", "c.d"), ("b", "e/f~"), ("g", "h", "1"), ("i",), ("j",), ("b", "none"), ("a", "b")]
    assert values(records, *paths) == ("1", "x", "true", "6", None, None, None, None)


def test_a_column_is_followed_into_text_that_holds_json() -> None:
    records = Records(
        """select NULL as fault, '{"h": 5}' as c0, ' x ' as c1, '{rubbish' as c2""", {"g": "c0", "i": "c1", "k": "c2"}
    )
    assert values(records, ("g", "h"), ("i",), ("none",), ("k", "h")) == ("5", "x", None, None)


def test_a_record_that_is_no_json_has_nothing_in_it() -> None:
    assert values(Records("select 'why' as fault, '{rubbish' as text"), ("a",), ("b", "c")) == (None, None)
