import pytest

from readiness.core.proofs import LogProof, NotAProof, parse_log_proof, write_log_proof

HEAD = "c2sp.org/tlog-proof@v1\n"
HASH = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"


@pytest.mark.parametrize("extra", [None, b"", b"of a sign-off"])
def test_a_proof_comes_back_from_its_text(extra):
    proof = LogProof(7, (bytes(32), bytes(range(32))), "origin\n8\nroot\n\n— signature\n", extra)
    assert parse_log_proof(write_log_proof(proof)) == proof


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        HEAD,
        f"{HEAD}index 1\n",
        f"{HEAD}index 01\n\n",
        f"{HEAD}index +1\n\n",
        f"{HEAD}index ١\n\n",
        f"{HEAD}index 9223372036854775808\n\n",
        f"{HEAD}index {'9' * 5000}\n\n",
        f"{HEAD}index 1\nAAAA\n\n",
        f"{HEAD}index 1\n{HASH.replace('=', '')}\n",
        f"{HEAD}index 1\n{HASH.replace('AA=', 'AB=')}\n",
        f"{HEAD}index 1\n{HASH * 64}\n",
        f"{HEAD}index 1\r\n\n",
        f"{HEAD}extra A\nindex 1\n\n",
        f"{HEAD}index 1\nextra AAAA\n\n",
    ],
)
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(NotAProof):
        parse_log_proof(text)
