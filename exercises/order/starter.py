"""Keep the order of the results.

ask() stands for a slow weather service. ask_all() asks for all cities at the
same time, but returns the answers in the order in which they come. Change it
so that they stand in the order of the cities. It must not get slower.
"""
import asyncio

SECONDS = {"Oslo": 3, "Rome": 1, "Bern": 2}


async def ask(city):
    await asyncio.sleep(SECONDS[city])
    return f"{city}: fine"


async def ask_all(cities):
    answers = []
    for coming in asyncio.as_completed([ask(city) for city in cities]):
        answers.append(await coming)
    return answers


if __name__ == "__main__":
    print(asyncio.run(ask_all(["Oslo", "Rome", "Bern"])))
