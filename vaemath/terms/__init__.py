"""The language of statements: inert terms, how to write them, and what the words in them mean."""
