"""Runs one task of a script in a process of its own and prints what it took, as child.ts does."""
import json
import sys
import time


def measure(tasks):
    """Prepare the task of the command line, `NAME ARGS`, then run and measure it."""
    work = tasks[sys.argv[1]](**json.loads(sys.argv[2]))
    cpu_before, started = time.process_time(), time.perf_counter()
    work()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_before
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "peakRssBytes": peak_rss_bytes(), "facts": {}}))


def peak_rss_bytes():
    if sys.platform == "linux":  # see child.ts
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
