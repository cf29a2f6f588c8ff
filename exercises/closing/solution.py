"""A generator that is closed."""
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
    found = rows(table)
    try:
        async for row in found:
            if fits(row):
                return row
        return None
    finally:
        await found.aclose()


async def main():
    print(await find("users"))
    print("the cursor should be closed by now")


if __name__ == "__main__":
    asyncio.run(main())
