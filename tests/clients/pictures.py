"""PNG files that tests of clients send and get, without a library for pictures."""

import struct
import zlib


def png(width: int, height: int, rgba) -> bytes:
    """A picture whose pixels are rgba(x, y)."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    rows = b"".join(b"\0" + b"".join(bytes(rgba(x, y)) for x in range(width))
                    for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def size_of(picture: bytes) -> tuple[int, int]:
    """Of a PNG."""
    assert picture.startswith(b"\x89PNG"), picture[:16]
    return struct.unpack(">II", picture[16:24])


RED = png(128, 128, lambda x, y: (255, 0, 0, 255))
HALF_TRANSPARENT = png(128, 128, lambda x, y: (0, 0, 0, 0 if x < 64 else 255))
