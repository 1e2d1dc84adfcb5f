"""The closed list of causes, the verdict as data, and the report that people read."""
