"""Echo server on `websockets` (asyncio). Usage: server_websockets.py PORT"""

import asyncio

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from peer import HOST, MESSAGE_OCTETS_MAX, announce, port_argument, terminated


async def echo(connection: ServerConnection) -> None:
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass


async def main() -> None:
    server = await serve(echo, HOST, port_argument(), max_size=MESSAGE_OCTETS_MAX)
    announce(server.sockets[0].getsockname()[1])
    await terminated()
    connections = server.connections
    server.close()
    # A client that never answers our Close must not keep the process.
    asyncio.get_running_loop().call_later(1, lambda: [connection.transport.abort() for connection in connections])
    await server.wait_closed()


asyncio.run(main())
