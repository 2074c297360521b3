"""Sends messages to an echo endpoint with Python `websockets` and wants them back.

Usage: drive_websockets.py connect URL PLAN     (to an echo server)
       drive_websockets.py listen PLAN          (waits for an echo client; prints "listening PORT")

PLAN is JSON: {"compressed": whether permessage-deflate is to be in use, "offer": whether this end
takes part in negotiating it, "cert": PEM file or null, "key": PEM file or null (listen only),
"sizes": [octets…]}. Each size is sent as text, as binary, and in fragments; those beyond 1 MiB not as
binary, to save time.
Ends with status 0 and a line of JSON that tells what was sent.
"""

import asyncio
import json
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

MESSAGE_OCTETS_MAX = 64 * 1024 * 1024
FRAGMENTS = 5
ALL_FORMS_OCTETS_MAX = 1 << 20


def text_of(size: int) -> str:
    """A text of `size` octets that compresses like prose more than like zeros."""
    words = "".join(f"{number * number % 9973} octets, " for number in range(2_000))
    return (words * (size // len(words) + 1))[:size]


async def drive(connection, plan: dict) -> dict:
    names = [extension.name for extension in connection.protocol.extensions]
    expected = ["permessage-deflate"] if plan["compressed"] else []
    assert names == expected, f"extensions {names}, not {expected}"
    sent = {"messages": 0, "octets": 0}
    for size in plan["sizes"]:
        text = text_of(size)
        binary = text.encode()
        step = max(1, -(-size // FRAGMENTS))
        fragments = [binary[at : at + step] for at in range(0, size, step)] or [b"", b""]
        for name, message, whole in (("text", text, text), ("binary", binary, binary), ("fragments", fragments, binary)):
            if name == "binary" and size > ALL_FORMS_OCTETS_MAX:
                continue
            await connection.send(message)
            echo = await connection.recv()
            assert echo == whole, f"{size} octets of {name} came back as {len(echo)} others"
            sent["messages"] += 1
            sent["octets"] += size
    await connection.close()
    assert connection.close_code == 1000, f"closed with {connection.close_code}"
    return sent


def tls(plan: dict, server: bool) -> ssl.SSLContext | None:
    if plan["cert"] is None:
        return None
    if server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(plan["cert"], plan["key"])
        return context
    context = ssl.create_default_context(cafile=plan["cert"])
    # The certificate is its own root, which is more than strict readers of RFC 5280 take.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


async def listen(plan: dict, compression: str | None) -> dict:
    outcome = asyncio.get_running_loop().create_future()

    async def driven(connection):
        try:
            outcome.set_result(await drive(connection, plan))
        except Exception as error:
            outcome.set_exception(error)

    options = {"compression": compression, "max_size": MESSAGE_OCTETS_MAX, "ssl": tls(plan, server=True)}
    async with serve(driven, "127.0.0.1", 0, **options) as server:
        print("listening", server.sockets[0].getsockname()[1], flush=True)
        return await outcome


async def main() -> None:
    plan = json.loads(sys.argv[-1])
    compression = "deflate" if plan["offer"] else None
    if sys.argv[1] == "listen":
        sent = await listen(plan, compression)
    else:
        options = {"compression": compression, "max_size": MESSAGE_OCTETS_MAX, "ssl": tls(plan, server=False)}
        async with connect(sys.argv[2], proxy=None, **options) as connection:
            sent = await drive(connection, plan)
    print(json.dumps(sent), flush=True)


asyncio.run(main())
