"""What people look at: a page, pictures, a calendar feed and tables, as text that the caller writes."""
