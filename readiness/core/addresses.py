"""Where a request came from: the connection, or what trusted proxies say of it."""


def request_address(connection: str, forwarded: str, trusted_proxies: int) -> str:
    """Give the address of the connection, or the n-th from the right of `X-Forwarded-For` behind n trusted proxies."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else connection
