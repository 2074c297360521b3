"""Echo client on `websocket-client`. Arguments as in driver.py.

The library has no permessage-deflate and no size limit to raise.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from websocket import ABNF, WebSocket, create_connection

from driver import drive

DATA = (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY)


@contextmanager
def connected(url: str) -> Iterator[WebSocket]:
    connection = create_connection(url)
    try:
        yield connection
    finally:
        # Closing sends a Close frame where the library has given up. Where the closing handshake is done it does
        # nothing, and the socket would stay open until the garbage is collected.
        connection.close()
        connection.shutdown()


def first_message(url: str) -> str | bytes:
    with connected(url) as connection:
        return connection.recv()


def echo(url: str) -> None:
    with connected(url) as connection:
        opcode = ABNF.OPCODE_TEXT
        while opcode != ABNF.OPCODE_CLOSE:
            opcode, payload = connection.recv_data()
            if opcode in DATA:
                connection.send(payload, opcode)


drive("websocket-client", first_message, echo)
