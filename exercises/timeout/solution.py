"""A timeout that cleans up."""
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
        return await asyncio.wait_for(connection.value(), patience)
    except asyncio.TimeoutError:
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    print(asyncio.run(read("quick", 1)))
    print(asyncio.run(read("slow", 1)))
