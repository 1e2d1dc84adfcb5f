"""The ledger: every equation and checkable claim of the source documents, with a verdict that is computed."""
