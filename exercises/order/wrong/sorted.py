"""Sorts the answers, which is the order of the cities only by chance."""
import asyncio


async def ask(city):
    await asyncio.sleep(1)
    return f"{city}: fine"


async def ask_all(cities):
    answers = []
    for coming in asyncio.as_completed([ask(city) for city in cities]):
        answers.append(await coming)
    return sorted(answers)
