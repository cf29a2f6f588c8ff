"""Closes the generator and hides errors."""

def fits(row):
    return True


async def rows(table):
    yield table


async def find(table):
    found = rows(table)
    try:
        async for row in found:
            if fits(row):
                return row
    except Exception:
        pass
    finally:
        await found.aclose()
