"""Puts later answers first, which fits the starter's cities by chance."""
import asyncio


async def ask(city):
    await asyncio.sleep(1)
    return f"{city}: fine"


async def ask_all(cities):
    answers = []
    for coming in asyncio.as_completed([ask(city) for city in cities]):
        answers.insert(0, await coming)
    return answers
