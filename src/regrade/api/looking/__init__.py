"""What people look at: the questions that pages and the REST interface ask, asked once for both."""
