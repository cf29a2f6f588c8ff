"""Closes the connection after a value and after a timeout, but not after other errors."""
import asyncio


async def connect(sensor):
    raise NotImplementedError


async def read(sensor, patience):
    connection = await connect(sensor)
    try:
        value = await asyncio.wait_for(connection.value(), patience)
    except asyncio.TimeoutError:
        connection.close()
        return None
    connection.close()
    return value
