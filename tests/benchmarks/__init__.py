"""Programs that measure and print tables. They assert that results agree; a time is never an assertion."""
