"""When parents are called, how often, and who is there: hours, the retry plan, presence."""
