"""Echo server on `hypercorn`, with its default limits. Usage: server_hypercorn.py PORT"""

import asyncio
import socket

from hypercorn.asyncio import serve
from hypercorn.config import Config

from asgi_echo import application
from peer import HOST, announce, port_argument, terminated


async def main() -> None:
    listener = socket.create_server((HOST, port_argument()), backlog=1024)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.graceful_timeout = 1
    config.loglevel = "CRITICAL"
    announce(listener.getsockname()[1])
    await serve(application, config, shutdown_trigger=terminated)


asyncio.run(main())
