"""Runs some of asyncio's own tests, and writes how each came out as JSON.

    python3 tests/watch/suite.py OUTCOMES MODULE[.CLASS]...

What this Python does not ship is left out. Prints what failed and why.
"""
import importlib
import json
import sys
import unittest

outcomes = {}


class Outcomes(unittest.TextTestResult):
    def note(self, test, outcome):
        outcomes[test.id()] = outcome

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "ok")

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, "error")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, "failure")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.note(subtest, "failure")

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.note(test, "expected failure")


for name in sys.argv[2:]:
    name, _, part = name.partition(".")
    try:
        module = importlib.import_module("test.test_asyncio." + name)
    except ImportError:
        continue
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromName(part, module) if part else loader.loadTestsFromModule(module)
    unittest.TextTestRunner(resultclass=Outcomes).run(suite)
with open(sys.argv[1], "w") as file:
    json.dump(outcomes, file)
