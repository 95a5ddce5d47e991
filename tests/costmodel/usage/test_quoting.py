from llmops.costmodel.usage.quoting import identifier, json_pointer, literal


def test_quotes_are_doubled_and_pointers_escaped() -> None:
    assert literal("it's") == "'it''s'"
    assert identifier('a"b') == '"a""b"'
    assert json_pointer(["a/b", "c~d", "e'f"]) == "'/a~1b/c~0d/e''f'"


def test_duckdb_reads_back_what_was_quoted() -> None:
    import duckdb

    odd = """a'b"c\\d;--/*~/"""
    assert duckdb.execute(f"select {literal(odd)} as {identifier(odd)}").fetchall() == [(odd,)]
