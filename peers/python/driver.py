"""What the Python echo clients share: their arguments, and the protocol by which Autobahn|Testsuite drives clients.

Usage: client_NAME.py URL                    echoes until the connection is closed
       client_NAME.py --autobahn BASE-URL    plays every case that a driver's server has
"""

import sys
from collections.abc import Callable
from urllib.parse import quote

# The largest message that must be echoed, in octets; as for the servers.
MESSAGE_OCTETS_MAX = 64 * 1024 * 1024


def drive(agent: str, first_message: Callable[[str], str | bytes], echo: Callable[[str], None]) -> None:
    """Does what the arguments say. `echo` raises what its library reports."""
    match sys.argv[1:]:
        case ["--autobahn", base]:
            play(base.rstrip("/"), quote(agent, safe=""), first_message, echo)
        case [url]:
            try:
                echo(url)
            except Exception as error:
                sys.exit(f"{type(error).__name__}: {error}")
        case _:
            sys.exit(__doc__)


def play(base: str, agent: str, first_message: Callable[[str], str | bytes], echo: Callable[[str], None]) -> None:
    count = int(first_message(f"{base}/getCaseCount"))
    for case in range(1, count + 1):
        try:
            echo(f"{base}/runCase?case={case}&agent={agent}")
        except ConnectionRefusedError:
            raise
        except Exception as error:
            # Most cases are about that; what the library makes of it is seen on the wire.
            print(f"case {case}: {type(error).__name__}: {error}", file=sys.stderr)
    echo(f"{base}/updateReports?agent={agent}")
    print(f"played {count} cases")
