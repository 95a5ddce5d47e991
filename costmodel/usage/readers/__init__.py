"""Log formats: one file each, named as the user names the format."""
