"""Echo server on `uvicorn`, with its default limits. Usage: server_uvicorn.py PROTOCOL PORT

PROTOCOL is one of uvicorn's WebSocket protocols: wsproto, websockets-sansio.
"""

import asyncio
import socket
import sys

import uvicorn

from asgi_echo import application
from peer import HOST, announce, port_argument


async def main() -> None:
    listener = socket.create_server((HOST, port_argument()), backlog=1024)
    config = uvicorn.Config(
        application, ws=sys.argv[-2], log_level="critical", timeout_graceful_shutdown=1, lifespan="off"
    )
    announce(listener.getsockname()[1])
    await uvicorn.Server(config).serve(sockets=[listener])


asyncio.run(main())
