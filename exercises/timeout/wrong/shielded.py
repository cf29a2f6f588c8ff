"""Keeps the cancellation away from what takes too long."""
import asyncio


async def connect(sensor):
    raise NotImplementedError


async def read(sensor, patience):
    connection = await connect(sensor)
    try:
        return await asyncio.wait_for(asyncio.shield(connection.value()), patience)
    except asyncio.TimeoutError:
        return None
    finally:
        connection.close()
