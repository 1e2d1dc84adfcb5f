"""What is not trusted, and what checks it, each in a process of its own.

A derivation script is a program: one line of it can change every rule that its process knows. So a
script runs in one process, which hands back a certificate as plain data (`derive`), and what the
certificate proves is said by another, which has never seen the script (`checkers`). Both are held to a
time and a memory (`process`). What `verify` accepted is remembered by hash (`signed`).
"""
