"""Keep the order of the results."""
import asyncio

SECONDS = {"Oslo": 3, "Rome": 1, "Bern": 2}


async def ask(city):
    await asyncio.sleep(SECONDS[city])
    return f"{city}: fine"


async def ask_all(cities):
    return await asyncio.gather(*(ask(city) for city in cities))


if __name__ == "__main__":
    print(asyncio.run(ask_all(["Oslo", "Rome", "Bern"])))
