"""Translation validation: an emitted file is read back, run on terms and proved equal to its theorem.

reading    a Python file: its functions and numbers, and nothing else (`c_reading`: a C file)
value      what arithmetic on kernel numbers means: exact terms, and conditions that split cases
library    the words of NumPy and torch, over terms
contracts  what the program may assume of its primitives
bodies     that the primitives of the file keep their contracts, with the file's own numbers (`c_bodies`)
reduction  primitives that reduce their argument by multiples of log 2, in Python and C
larger     primitives that are the larger of two lower bounds
instance   a program's arguments as symbols, at one size
matrices   textbook statements written out for matrices of size 1, 2 and 3
validate   all of it for one file
"""
