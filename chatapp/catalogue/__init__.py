"""What a shopper's question and a ware mean, in four languages: the same concepts, prices, measures and words.

Pure functions over a lexicon of plain files (`lexicon/`). The database only compares tokens byte by byte.
"""
