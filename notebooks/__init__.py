"""The notebooks: what do claims pay out, and how long does a resolution take.

Depends on `answers` for every number and picture, and on marimo. Each `.py` is the app
(`marimo run`) and the source; its `.ipynb` beside it is what a repository page shows, written by
`python -m notebooks` from the demo's world.
"""
