"""Dashboards in the tools that people already have, made from `transform/tiles`.

Depends on the text of the tiles, on nothing else of this project. Promises that a dashboard asks
the marts nothing but the tiles, so that its numbers are theirs.
"""
