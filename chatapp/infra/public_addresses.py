"""Which addresses belong to the public Internet: a server that fetches what its users name must not reach any other."""

from __future__ import annotations

import ipaddress
import re
import socket

# Ranges of IANA's special-purpose registries, multicast, and the reserved rest. Python's own `is_global` depends on its
# version, and counts multicast and addresses that embed others as global.
_SPECIAL_IPV4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # services of the host on Azure
        "169.254.0.0/16",  # link-local: metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Outside of it are loopback, IPv4-mapped, NAT64, unique local, link-local and multicast addresses.
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 embeds any IPv4 address
        "3fff::/20",
    )
)
_CANONICAL_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")


def is_public(address: str) -> bool:
    """Whether an address, as `getaddrinfo` returns it, belongs to the public Internet."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _SPECIAL_IPV4)
    if parsed.scope_id is not None or parsed not in _GLOBAL_IPV6:
        return False
    return not any(parsed in network for network in _SPECIAL_IPV6)


def is_disguised(host: str) -> bool:
    """Whether a host is an IPv4 address in another form than four decimal numbers, such as `2130706433` or `0x7f.1`.

    Resolvers accept these forms, but links for people have none of them.
    """
    if _CANONICAL_IPV4.fullmatch(host):
        return False
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True
