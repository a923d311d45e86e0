"""Programs that measure and print a table. They assert that results agree, never how long they took."""
