"""Sendcloud's Support API on this machine, with a known world behind it."""
