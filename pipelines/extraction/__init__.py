"""The source in somebody's own pipeline: one extraction is one run."""
