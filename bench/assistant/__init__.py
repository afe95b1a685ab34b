"""`python -m bench assistant`: how long the adapter `catalog` takes to answer."""
