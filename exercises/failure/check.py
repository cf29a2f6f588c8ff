"""Has five hosts probed, of which one that is neither the first nor the last fails before the others answer."""
import asyncio


async def it(learner, check):
    hosts = check.names(5)
    seconds = sorted(check.seconds(5))
    broken = check.random.choice(hosts[1:4])
    others = [host for host in hosts if host != broken]
    lasts = dict(zip([broken] + others, seconds))
    error = ConnectionError(f"no route to {broken}")

    async def probe(host):
        with check.call(host):
            await asyncio.sleep(lasts[host])
            if host == broken:
                raise error
            return f"{host}: {lasts[host]}"

    check.replace("probe", probe)
    try:
        answers = await check.coroutine("probe_all", hosts)
    except BaseException as raised:
        parts = getattr(raised, "exceptions", [raised])
        check.need(error not in parts, "probe_all() fails because one host fails, and the other answers are lost. It has to return them.")
        raise
    check.tell_calls()
    expected = [error if host == broken else f"{host}: {lasts[host]}" for host in hosts]
    check.need(isinstance(answers, list) and len(answers) == 5, f"probe_all() has to return an entry for each of 5 hosts. It returned {answers}.")
    check.equal([answer for answer in answers if answer in expected and answer is not error],
                [answer for answer in expected if answer is not error],
                "The answers of the other hosts are missing, or stand in another order: {got}.")
    check.need(error in answers, f"The entry of the host that failed has to be its exception. It is {answers[hosts.index(broken)]!r}.")
    check.equal(answers, expected, "The entries stand in another order than the hosts: {got}.")
