"""From theorems to kernel files, and the proof that a file computes its theorem."""
