"""Has cities asked for whose answers come in another order than the cities, and not backwards either."""
import asyncio


async def it(learner, check):
    cities = check.names(5)
    seconds = check.seconds(5)
    while sorted(seconds) in (seconds, seconds[::-1]) or sorted(cities) == cities:
        check.random.shuffle(seconds)
        check.random.shuffle(cities)
    lasts = dict(zip(cities, seconds))

    async def ask(city):
        with check.call(city):
            await asyncio.sleep(lasts[city])
            return f"{city}: {lasts[city]}"

    check.replace("ask", ask)
    answers = await check.coroutine("ask_all", cities)
    check.tell_calls()
    expected = [f"{city}: {lasts[city]}" for city in cities]
    check.equal(sorted(answers or []), sorted(expected), "ask_all() has to return the answer for each city. It returned {got}.")
    check.equal(answers, expected, "The answers stand in another order than the cities: {got}.")
