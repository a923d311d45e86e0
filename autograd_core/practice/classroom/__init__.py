"""The homework of a class: pages and paper with an exercise for each student, and marks for what is handed in."""
