"""Which fields of which files are sealed to which group: rules, their patterns, their files as text."""
