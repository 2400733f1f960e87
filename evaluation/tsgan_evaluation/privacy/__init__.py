"""Whether a synthetic table gives its training data away."""
