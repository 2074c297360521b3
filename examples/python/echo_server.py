"""An echo server with the library websockets. Usage: echo_server.py PORT"""

import asyncio
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

# The library's limit is 1 MiB. Cases on long messages send up to 16 MiB.
MESSAGE_OCTETS_MAX = 64 * 1024 * 1024


async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        # The library has failed or lost this connection, and the others go on.
        pass


async def main():
    async with serve(echo, "127.0.0.1", int(sys.argv[1]), max_size=MESSAGE_OCTETS_MAX) as server:
        await server.serve_forever()


asyncio.run(main())
