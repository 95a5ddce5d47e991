"""Results as gates read them: files of the one result schema, and why one cannot be used."""
