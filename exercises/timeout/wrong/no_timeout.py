"""Closes the connection, but waits for ever."""
import asyncio


async def connect(sensor):
    raise NotImplementedError


async def read(sensor, patience):
    connection = await connect(sensor)
    try:
        return await connection.value()
    finally:
        connection.close()
