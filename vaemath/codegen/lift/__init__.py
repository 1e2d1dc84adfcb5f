"""Translation validation: an emitted file is read back, run on terms and proved equal to its theorem.

The frame of a file, known:
    frames      head and tail of every file, byte for byte, from sources whose hash is on a list
    pinned      functions that are not read back: each a text whose hash is on a list
What stands inside, read:
    syntax      the grammar of Python kernels; `forms`: how they may use their library
    c_layout    the layout of C kernels; `c_reading`: their grammar, as Python
    reading     functions to be run on terms, numbers checked
    limits      on the time that this may take
What it means:
    value       arithmetic on exact terms; `cases`: conditions that split a run; what must not be zero
    sums        over an event of any length; `matrices`: words of triangular factors of any size
    library     the words of NumPy, torch and C over these
    contracts   what the program may assume of its primitives
    bodies      that the primitives of the file keep their contracts, with its own numbers (`c_bodies`)
    reduction   primitives that reduce their argument by multiples of log 2, from a range that was enforced
    larger      primitives that are the larger of two lower bounds
Compared:
    instance    a program's arguments as symbols
    textbook    the theorem and its derivatives with these symbols
    comparing   what the file gives with that
    validate    all of it for one file
"""
