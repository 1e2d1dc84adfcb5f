"""What a lifted function is.

algebra     terms in a normal form in which equal formulas are equal; slopes; numbers; text
decompose   what each number of a result takes from each element of the arguments
quantities  the formulas that are known, each from its theorem
conventions what a spread may be
match       which quantity a formula is, under which roles and conventions; else the nearest
"""
