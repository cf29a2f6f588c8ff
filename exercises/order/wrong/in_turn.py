"""Asks for one city after the other."""
import asyncio


async def ask(city):
    await asyncio.sleep(1)
    return f"{city}: fine"


async def ask_all(cities):
    return [await ask(city) for city in cities]
