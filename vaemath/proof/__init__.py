"""The proof core: theorems, the rules that make them, and the calc-blocks in which people write."""
