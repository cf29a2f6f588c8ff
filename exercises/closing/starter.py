"""A generator that is closed.

rows() stands for a query: its cursor is open until the generator has ended.
find() stops at the first row that fits, but the generator waits at its yield,
and the cursor stays open. Change find() so that the cursor is closed when it
returns, whether a row fits, none does, or fits() raises an error.
"""
import asyncio


async def rows(table):
    print("the cursor is open")
    try:
        for number in range(1000):
            await asyncio.sleep(0.1)
            yield f"{table} {number}"
    finally:
        await asyncio.sleep(0.1)
        print("the cursor is closed")


def fits(row):
    return row.endswith("3")


async def find(table):
    async for row in rows(table):
        if fits(row):
            return row
    return None


async def main():
    print(await find("users"))
    print("the cursor should be closed by now")


if __name__ == "__main__":
    asyncio.run(main())
