"""Members, groups and epochs: read them, open a group's secret, add and remove members."""
