"""Echo server on `picows`, with its default limits. Usage: server_picows.py PORT"""

import asyncio

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

from peer import HOST, announce, port_argument, terminated


class Echo(WSListener):
    """The library hands out frames; a message is put together here, as its documentation shows."""

    def __init__(self) -> None:
        self.kind = WSMsgType.TEXT
        self.parts: list[bytes] = []

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            if frame.msg_type != WSMsgType.CONTINUATION:
                self.kind, self.parts = frame.msg_type, []
            self.parts.append(frame.get_payload_as_bytes())
            if frame.fin:
                transport.send(self.kind, b"".join(self.parts))


async def main() -> None:
    server = await ws_create_server(lambda request: Echo(), HOST, port_argument())
    announce(server.sockets[0].getsockname()[1])
    async with server:
        await terminated()


asyncio.run(main())
