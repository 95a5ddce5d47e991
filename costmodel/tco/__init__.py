"""What each way to serve the demand costs a month, and which is it."""
