"""A timeout that cleans up.

read() reads a sensor. It returns None if that takes longer than `patience`
seconds, but then the connection stays open. Change it so that the connection
is closed whatever happens: a value, a timeout, or an error, which goes on to
the caller. close() is no coroutine function.
"""
import asyncio


class Connection:
    def __init__(self, sensor):
        self.sensor = sensor

    async def value(self):
        await asyncio.sleep(2 if self.sensor == "slow" else 0.5)
        return 20.5

    def close(self):
        print(f"{self.sensor} is closed")


async def connect(sensor):
    await asyncio.sleep(0.1)
    return Connection(sensor)


async def read(sensor, patience):
    connection = await connect(sensor)
    try:
        value = await asyncio.wait_for(connection.value(), patience)
    except asyncio.TimeoutError:
        return None
    connection.close()
    return value


if __name__ == "__main__":
    print(asyncio.run(read("quick", 1)))
    print(asyncio.run(read("slow", 1)))
