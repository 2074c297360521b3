"""Echo server on `tornado`, with its default limits. Usage: server_tornado.py PORT"""

import asyncio

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from peer import HOST, announce, port_argument, terminated


class Echo(WebSocketHandler):
    def check_origin(self, origin: str) -> bool:
        return True

    async def on_message(self, message: str | bytes) -> None:
        try:
            await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            pass


async def main() -> None:
    sockets = bind_sockets(port_argument(), HOST)
    server = HTTPServer(Application([(r"/.*", Echo)]))
    server.add_sockets(sockets)
    announce(sockets[0].getsockname()[1])
    await terminated()
    server.stop()


asyncio.run(main())
