"""When parents are called, and how often: opening hours, holidays and the retry plan."""
