"""Markers: through strings, through JSON, through base64, and out again."""

import base64
import json

from llmops.infra.parity.markers import expression, marker, references

BUCKET = marker("aws_s3_bucket.weights.id")


def test_a_marker_becomes_a_reference() -> None:
    assert expression(BUCKET) == "${aws_s3_bucket.weights.id}"
    assert expression(f"s3://{BUCKET}/x") == "s3://${aws_s3_bucket.weights.id}/x"


def test_what_looks_like_a_template_stays_text() -> None:
    assert expression("${HOME} %{if} $KEY") == "$${HOME} %%{if} $KEY"
    assert expression(f"${{ARGS[@]}} {BUCKET}") == "$${ARGS[@]} ${aws_s3_bucket.weights.id}"


def test_a_marker_survives_json() -> None:
    assert json.loads(json.dumps({"a": BUCKET}))["a"] == BUCKET


def test_a_marker_inside_base64_is_encoded_by_terraform() -> None:
    script = f'echo "{BUCKET}"\n${{X}}\n'
    encoded = base64.b64encode(script.encode()).decode()
    assert expression(encoded) == r'${base64encode("echo \"${aws_s3_bucket.weights.id}\"\n$${X}\n")}'
    assert references(encoded) == ["aws_s3_bucket.weights.id"]


def test_base64_without_a_marker_and_words_stay_as_they_are() -> None:
    encoded = base64.b64encode(b"echo no marker in here").decode()
    assert expression(encoded) == encoded
    assert expression("abcd") == "abcd"
    assert expression("ELBSecurityPolicy-TLS13-1-2-2021-06") == "ELBSecurityPolicy-TLS13-1-2-2021-06"
