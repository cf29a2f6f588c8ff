"""Drops the generator, which the loop closes some time later."""

def fits(row):
    return True


async def rows(table):
    yield table


async def find(table):
    found = rows(table)
    async for row in found:
        if fits(row):
            del found
            return row
    return None
