"""Echo client on `aiohttp`. Arguments as in driver.py."""

import asyncio

from aiohttp import ClientSession, WSMsgType

from driver import MESSAGE_OCTETS_MAX, drive


async def first_message(url: str) -> str | bytes:
    async with ClientSession() as session, session.ws_connect(url) as connection:
        return (await connection.receive()).data


async def echo(url: str) -> None:
    # One more octet, since aiohttp refuses a message whose size equals the limit.
    async with ClientSession() as session:
        async with session.ws_connect(url, max_msg_size=MESSAGE_OCTETS_MAX + 1) as connection:
            async for message in connection:
                if message.type == WSMsgType.TEXT:
                    await connection.send_str(message.data)
                elif message.type == WSMsgType.BINARY:
                    await connection.send_bytes(message.data)
            if error := connection.exception():
                raise error


drive("aiohttp", lambda url: asyncio.run(first_message(url)), lambda url: asyncio.run(echo(url)))
