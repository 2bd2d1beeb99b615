"""One query in a process of its own: ``python -m feasible_al.conformance.resumed TARGET NAME TASK IDS``."""

import json
import sys

from feasible_al.conformance.check import registered
from feasible_al.conformance.checks import BUDGET, SIZE
from feasible_al.conformance.pools import pool, queried, without

if __name__ == "__main__":
    target, name, task, taken = sys.argv[1:]
    registered(target)
    print(json.dumps(queried(name, without(pool(name, task, SIZE, BUDGET), json.loads(taken)))))
