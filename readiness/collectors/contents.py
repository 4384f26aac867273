"""Contents: what bytes are by their beginning, and text out of them, so that a wrong file is named for what it is."""

import codecs

BEGINNINGS = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PROGRAM = "a program"


class NotText(ValueError):
    """The bytes are no text; the message completes "The file …"."""


def name_content(data: bytes) -> str:
    """Name what the bytes are when they begin like something that is no report; else nothing."""
    if data[:1024].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return next((name for beginning, name in BEGINNINGS if data.startswith(beginning)), "")


def read_text(data: bytes) -> str:
    """Decode UTF-8, or what a byte order mark names. Raises NotText."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    if name := name_content(data):
        more = "; bring the report that is in it" if name.endswith("archive") else ""
        raise NotText(f"is {name}, not a report{more}")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise NotText("is not text in UTF-8") from None
