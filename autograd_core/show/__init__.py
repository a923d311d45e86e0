"""What a reader sees: records, drawings, pages and the views."""
