"""What a right function would give at the inputs that it is probed with, and what this one gave."""
