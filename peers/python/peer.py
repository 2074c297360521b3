"""What the Python echo servers share: their arguments and how they end."""

import asyncio
import signal
import sys

HOST = "127.0.0.1"

# The largest message that must be echoed, in octets. Not "unlimited": a frame header that announces 2^63 octets
# should meet a limit, as it does in a server that somebody runs.
MESSAGE_OCTETS_MAX = 64 * 1024 * 1024


def port_argument() -> int:
    """The port to listen on: the last argument; 0 lets the system choose."""
    return int(sys.argv[-1])


def announce(port: int) -> None:
    """Says that connections are accepted on `port` from now on."""
    print(f"listening {port}", flush=True)


async def terminated() -> None:
    """Returns when SIGTERM or SIGINT arrives."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
