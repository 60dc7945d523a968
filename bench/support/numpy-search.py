# What the memory is measured against: exact search with numpy. Prints its times, what it found and its peak in kilobytes as one JSON object.
import json
import resource
import sys
import time

import numpy as np

rows_file, queries_file, dimension = sys.argv[1], sys.argv[2], int(sys.argv[3])
M = np.fromfile(rows_file, dtype=np.float32).reshape(-1, dimension)
queries = np.fromfile(queries_file, dtype=np.float32).reshape(-1, dimension)
found, times = [], []
for q in queries:
    start = time.perf_counter()
    scores = M @ q
    best = np.argpartition(-scores, 10)[:10]
    best = best[np.argsort(-scores[best])]
    times.append((time.perf_counter() - start) * 1000)
    found.append(best.tolist())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"version": np.__version__, "times": times, "found": found, "peak": peak}))
