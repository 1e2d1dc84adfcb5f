"""The line to change: edits of the function's own source, tried out before they are said."""
