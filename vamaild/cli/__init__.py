"""The command line: one file a verb. Parses, calls, prints, exits; decides nothing."""
