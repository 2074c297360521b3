"""An echo client with the library websockets, until the connection is closed. Usage: echo_client.py URL"""

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

MESSAGE_OCTETS_MAX = 64 * 1024 * 1024


async def echo(url):
    # No proxy, whatever the environment says: the URL is one of this machine.
    async with connect(url, max_size=MESSAGE_OCTETS_MAX, proxy=None) as connection:
        async for message in connection:
            await connection.send(message)


try:
    asyncio.run(echo(sys.argv[1]))
except (WebSocketException, OSError) as error:
    sys.exit(f"{type(error).__name__}: {error}")
