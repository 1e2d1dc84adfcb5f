"""Theorems and derivations for readers: text, Markdown, LaTeX, Typst, HTML and PDF."""
