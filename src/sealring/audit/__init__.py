"""Judge a state of the repository without keys: one module per rule, one per form of the report."""
