"""Echo server on `aiohttp`. Usage: server_aiohttp.py PORT"""

import asyncio

from aiohttp import WSMsgType, web

from peer import HOST, MESSAGE_OCTETS_MAX, announce, port_argument, terminated


async def echo(request: web.Request) -> web.WebSocketResponse:
    # One more octet, since aiohttp refuses a message whose size equals the limit.
    socket = web.WebSocketResponse(max_msg_size=MESSAGE_OCTETS_MAX + 1)
    await socket.prepare(request)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
    except ConnectionError:
        pass
    return socket


async def main() -> None:
    application = web.Application()
    application.router.add_get("/{path:.*}", echo)
    # A client that never closes must not keep the process.
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, HOST, port_argument()).start()
    announce(runner.addresses[0][1])
    await terminated()
    await runner.cleanup()


asyncio.run(main())
