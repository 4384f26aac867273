"""How somebody checks one entry with Python's SHA-256 and nothing of ours: a few lines that they can read first."""

_COMMAND = """\
python3 - entry-{seq}.json entry-{seq}.tlog-proof <<'EOF'
import base64, hashlib, sys
entry = open(sys.argv[1], "rb").read()
proof, _, signed = open(sys.argv[2]).read().partition("\\n\\n")
name, size, root = signed.split("\\n")[:3]
place, last = {seq}, int(size) - 1
node = hashlib.sha256(b"\\x00" + entry).digest()
for other in map(base64.b64decode, proof.split("\\n")[2:]):
    if place & 1 or place == last:
        node = hashlib.sha256(b"\\x01" + other + node).digest()
        while place and not place & 1:
            place, last = place >> 1, last >> 1
    else:
        node = hashlib.sha256(b"\\x01" + node + other).digest()
    place, last = place >> 1, last >> 1
print("holds" if base64.b64encode(node).decode() == root else "DOES NOT HOLD", name, size)
EOF
"""


def entry_by_hand(seq: int) -> str:
    """Give the command that leads from the bytes of an entry, by its proof, to the root that was signed."""
    return _COMMAND.replace("{seq}", str(seq))
