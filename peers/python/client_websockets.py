"""Echo client on `websockets` (asyncio). Arguments as in driver.py."""

import asyncio

from websockets.asyncio.client import connect

from driver import MESSAGE_OCTETS_MAX, drive

# No proxy: what the environment names is not for the loopback interface.
OPTIONS = {"max_size": MESSAGE_OCTETS_MAX, "proxy": None}


async def first_message(url: str) -> str | bytes:
    async with connect(url, **OPTIONS) as connection:
        return await connection.recv()


async def echo(url: str) -> None:
    async with connect(url, **OPTIONS) as connection:
        async for message in connection:
            await connection.send(message)


drive("websockets", lambda url: asyncio.run(first_message(url)), lambda url: asyncio.run(echo(url)))
