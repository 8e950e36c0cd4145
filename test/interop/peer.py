"""Answer calls with the real atdata. Each line of stdin is a call, each line of stdout its answer."""
import contextlib
import json
import os
import sys
import warnings

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # webdataset prints to stdout what it writes
warnings.simplefilter("ignore")

import atmosphere  # noqa: E402
import eras  # noqa: E402
import exchange  # noqa: E402
import faults  # noqa: E402

modules = {"atmosphere": atmosphere, "eras": eras, "exchange": exchange, "faults": faults}
for line in sys.stdin:
    call = json.loads(line)
    function = getattr(modules[call["module"]], call["function"])
    with contextlib.redirect_stdout(sys.stderr):
        try:
            answer = {"value": function(**call["arguments"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
