"""Content codings: gzip, deflate, br and zstd undone on a copy, bit by bit and bounded; and done again for an edit."""

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

LIMIT_BYTES = 64 * 1024 * 1024  # of decoded bytes of one answer: more than any answer of a model, less than a bomb
_SLICE_BYTES = 256  # a zstd block of 4 bytes can hold 128 KiB, so that one slice unpacks to 8 MiB at most
_STEP_BYTES = 1024 * 1024  # unpacked between two looks at the limit


class CannotDecodeError(Exception):
    """The bytes are not what their content coding says, or unpack to too much; the message is a reason to report."""


class Decoder(Protocol):
    """Unpacks a body as it comes."""

    def feed(self, data: bytes) -> bytes:
        """The decoded bytes. CannotDecodeError where the data are damaged or too much."""
        ...

    def finish(self) -> None:
        """CannotDecodeError where the body ended early."""
        ...


class Encoder(Protocol):
    """Packs a body; what was fed can be decoded at once, as a stream needs."""

    def feed(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class _Bounded:
    """Counts what a decoder gives and refuses a bomb."""

    def __init__(self, unpack: "_Unpack", limit_bytes: int) -> None:
        self._unpack = unpack
        self._left_bytes = limit_bytes

    def feed(self, data: bytes) -> bytes:
        try:
            return b"".join(map(self._counted, self._unpack.pieces(data)))
        except CannotDecodeError:
            raise
        except Exception as error:  # each library has an error class of its own
            raise CannotDecodeError(f"damaged: {error}") from error

    def _counted(self, piece: bytes) -> bytes:
        self._left_bytes -= len(piece)
        if self._left_bytes < 0:
            raise CannotDecodeError("it unpacks to more than the limit")
        return piece

    def finish(self) -> None:
        if not self._unpack.complete():
            raise CannotDecodeError("the body ends in the middle of its coding")


class _Unpack(Protocol):
    def pieces(self, data: bytes) -> Iterator[bytes]: ...

    def complete(self) -> bool: ...


class _Identity:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def complete(self) -> bool:
        return True


class _Zlib:
    """gzip (also of several members) and deflate (with the zlib header of RFC 9110, or without, as some servers do)."""

    def __init__(self, window_bits: int | None) -> None:
        self._window_bits = window_bits  # None: told by the first two bytes
        self._waiting = b""
        self._member = zlib.decompressobj(window_bits) if window_bits else None
        self._started = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        data = self._waiting + data
        self._waiting = b""
        if self._member is None and len(data) < 2:  # noqa: PLR2004 - the header of zlib
            self._waiting = data
            return
        if self._member is None:
            self._member = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(data) else -zlib.MAX_WBITS)
        while data:
            if self._member.eof:
                self._member = self._next_member()
            self._started = True
            yield self._member.decompress(data, _STEP_BYTES)
            data = self._member.unconsumed_tail or self._member.unused_data

    def _next_member(self) -> "zlib._Decompress":
        if self._window_bits is None:
            raise CannotDecodeError("bytes after the end of the deflate stream")
        return zlib.decompressobj(self._window_bits)

    def complete(self) -> bool:
        return not self._waiting and (not self._started or self._member is None or self._member.eof)


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]

        self._stream = brotli.Decompressor()
        self._started = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._started = self._started or bool(data)
        piece = self._stream.process(data, output_buffer_limit=_STEP_BYTES)
        while piece or not self._stream.can_accept_more_data():  # it accepts more while it still holds output
            yield piece
            piece = self._stream.process(b"", output_buffer_limit=_STEP_BYTES)

    def complete(self) -> bool:
        return not self._started or bool(self._stream.is_finished())


class _Zstd:
    def __init__(self) -> None:
        import zstandard

        self._new: Callable[[], zstandard.ZstdDecompressionObj] = zstandard.ZstdDecompressor(
            max_window_size=2**27
        ).decompressobj
        self._frame = self._new()
        self._started = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _SLICE_BYTES):
            piece = data[start : start + _SLICE_BYTES]
            while piece:
                if self._frame.eof:
                    self._frame = self._new()
                self._started = True
                yield self._frame.decompress(piece)
                piece = self._frame.unused_data if self._frame.eof else b""

    def complete(self) -> bool:
        return not self._started or bool(self._frame.eof)


_DECODERS: dict[bytes, Callable[[], _Unpack]] = {
    b"": _Identity,
    b"identity": _Identity,
    b"gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    b"x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    b"deflate": lambda: _Zlib(None),
    b"br": _Brotli,
    b"zstd": _Zstd,
}


def decoder(content_encoding: bytes | None, *, limit_bytes: int = LIMIT_BYTES) -> Decoder:
    """A decoder for the value of a Content-Encoding header. CannotDecodeError for one that is not known here."""
    name = (content_encoding or b"").strip().lower()
    if name not in _DECODERS:
        raise CannotDecodeError(f"content coding {name.decode('latin-1')!r} is not known here")
    return _Bounded(_DECODERS[name](), limit_bytes)


class _IdentityEncoder:
    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


class _ZlibEncoder:
    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.compressobj(wbits=window_bits)

    def feed(self, data: bytes) -> bytes:
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._stream.flush()


class _BrotliEncoder:
    def __init__(self) -> None:
        import brotli

        self._stream = brotli.Compressor(quality=4)

    def feed(self, data: bytes) -> bytes:
        return bytes(self._stream.process(data) + self._stream.flush())

    def finish(self) -> bytes:
        return bytes(self._stream.finish())


class _ZstdEncoder:
    def __init__(self) -> None:
        import zstandard

        self._stream = zstandard.ZstdCompressor().compressobj()
        self._flush_block, self._flush_all = zstandard.COMPRESSOBJ_FLUSH_BLOCK, zstandard.COMPRESSOBJ_FLUSH_FINISH

    def feed(self, data: bytes) -> bytes:
        return bytes(self._stream.compress(data) + self._stream.flush(self._flush_block))

    def finish(self) -> bytes:
        return bytes(self._stream.flush(self._flush_all))


_ENCODERS: dict[bytes, Callable[[], Encoder]] = {
    b"": _IdentityEncoder,
    b"identity": _IdentityEncoder,
    b"gzip": lambda: _ZlibEncoder(zlib.MAX_WBITS | 16),
    b"x-gzip": lambda: _ZlibEncoder(zlib.MAX_WBITS | 16),
    b"deflate": lambda: _ZlibEncoder(zlib.MAX_WBITS),
    b"br": _BrotliEncoder,
    b"zstd": _ZstdEncoder,
}


def encoder(content_encoding: bytes | None) -> Encoder:
    """An encoder for a Content-Encoding that `decoder` knows. CannotDecodeError for any other."""
    name = (content_encoding or b"").strip().lower()
    if name not in _ENCODERS:
        raise CannotDecodeError(f"content coding {name.decode('latin-1')!r} is not known here")
    return _ENCODERS[name]()
