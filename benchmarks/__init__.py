"""What a load costs: requests, CPU, memory, and what a killed run repeats, beside two other ways.

Depends on the simulator, and on `pipelines` by its command line only. `python -m benchmarks` prints
one Markdown table; `runs` is what is measured, `process` is how.
"""
