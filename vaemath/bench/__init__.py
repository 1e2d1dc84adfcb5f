"""How fast the torch kernels are beside what others offer; run by hand, never in a test.

subjects    one forward and backward pass of each implementation, on the same tensors
clock       everything interleaved in one run, so that ratios survive a busy machine
table       the rows, and their Markdown
figure      the rows as a picture
"""
