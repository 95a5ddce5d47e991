from llmops.costmodel.usage.schema import COLUMNS, PART_CLASSES, TOKEN_CLASSES


def test_classes_and_parts_are_columns_and_apart() -> None:
    assert set(TOKEN_CLASSES).isdisjoint(PART_CLASSES)
    assert set(TOKEN_CLASSES) | set(PART_CLASSES) <= COLUMNS.keys()
