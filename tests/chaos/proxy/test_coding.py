import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.proxy.coding import CannotDecodeError, decoder, encoder

TEXT = "Zürich — Genève ".encode() * 500
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]),  # two members
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def raw_deflate(data: bytes) -> bytes:
    """Without the header of zlib, as some servers send it."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_other_peoples_bytes_are_decoded_at_every_split(name: str, size: int) -> None:
    packed = PACKED[name](TEXT)
    unpack = decoder(name.encode())
    assert b"".join(unpack.feed(packed[at : at + size]) for at in range(0, len(packed), size)) == TEXT
    unpack.finish()


def test_raw_deflate_and_frames_of_zstd_in_a_row() -> None:
    assert decoder(b"deflate").feed(raw_deflate(TEXT)) == TEXT
    two = zstandard.ZstdCompressor().compress(b"a") + zstandard.ZstdCompressor().compress(b"b")
    unpack = decoder(b"zstd")
    assert unpack.feed(two) == b"ab"
    unpack.finish()


@pytest.mark.parametrize("name", [b"GZIP ", b"Br", None, b""])
def test_names_have_no_case(name: bytes | None) -> None:
    assert decoder(name)
    assert encoder(name)


@given(pieces=st.lists(st.binary(max_size=300), max_size=8), name=st.sampled_from(sorted(PACKED)))
def test_what_we_encode_can_be_decoded_piece_by_piece(pieces: list[bytes], name: str) -> None:
    pack, unpack = encoder(name.encode()), decoder(name.encode())
    assert [unpack.feed(pack.feed(piece)) for piece in pieces if piece] == [piece for piece in pieces if piece]
    assert unpack.feed(pack.finish()) == b""
    unpack.finish()


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_cut_body_is_found_at_its_end(name: str) -> None:
    packed = PACKED[name](TEXT)
    unpack = decoder(name.encode())
    unpack.feed(packed[:-2])
    with pytest.raises(CannotDecodeError, match="ends in the middle"):
        unpack.finish()
    decoder(name.encode()).finish()  # no body at all is none that is cut


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_damaged_body_is_refused(name: str) -> None:
    with pytest.raises(CannotDecodeError, match="damaged"):
        decoder(name.encode()).feed(b"\xff\xfe\xfd this is nothing of the kind " * 20)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_refused_at_the_limit_and_not_a_byte_before(name: str) -> None:
    packed = PACKED[name](b"\0" * 3_000_000)
    assert len(packed) < 10_000
    with pytest.raises(CannotDecodeError, match="more than the limit"):
        decoder(name.encode(), limit_bytes=2_999_999).feed(packed)
    assert len(decoder(name.encode(), limit_bytes=3_000_000).feed(packed)) == 3_000_000


@pytest.mark.parametrize("name", [b"gzip, br", b"compress", b"snappy"])
def test_an_unknown_coding_is_refused(name: bytes) -> None:
    for make in (decoder, encoder):
        with pytest.raises(CannotDecodeError, match="not known here"):
            make(name)
