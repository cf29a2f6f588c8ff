"""Looks for a row that is there, for one that is not, and with a function that fails; notes which cursors are closed."""
import asyncio


async def it(learner, check):
    cursors = {"users": "never opened", "orders": "never opened", "broken": "never opened"}
    wanted = f"users {check.random.randrange(3, 9)}"
    taken = []

    async def rows(table):
        cursors[table] = "open"
        try:
            for number in range(20):
                await asyncio.sleep(0.1)
                taken.append(f"{table} {number}")
                yield f"{table} {number}"
        finally:
            await asyncio.sleep(0.05)
            cursors[table] = "closed"

    def fits(row):
        if row == "broken 2":
            raise ValueError("no such column")
        return row == wanted

    check.replace("rows", rows)
    check.replace("fits", fits)

    def is_closed(table, when):
        check.need(cursors[table] != "never opened", f"find() did not ask for the rows of {table}.")
        check.need(cursors[table] == "closed", f"The cursor is still open when find() is over {when}.")

    row = await check.coroutine("find", "users")
    is_closed("users", "and has found a row")
    check.equal(row, wanted, "find() has to return {expected}, the first row that fits. It returned {got}.")
    check.need(taken[-1] == wanted, "find() goes on to read rows after the one that fits.")
    row = await check.coroutine("find", "orders")
    is_closed("orders", "and has found nothing")
    check.equal(row, None, "find() has to return None if no row fits. It returned {got}.")
    try:
        await check.coroutine("find", "broken")
    except ValueError:
        pass
    else:
        check.need(False, "fits() raised a ValueError, which has to go on to the caller of find().")
    is_closed("broken", "because of an error")
    check.tell("closed", sum(cursor == "closed" for cursor in cursors.values()))
