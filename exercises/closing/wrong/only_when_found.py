"""Closes the generator only when a row fits."""

def fits(row):
    return True


async def rows(table):
    yield table


async def find(table):
    found = rows(table)
    async for row in found:
        if fits(row):
            await found.aclose()
            return row
    return None
