"""What Toxiproxy calls toxics: faults of a TCP stream, one file each, its names and meanings kept."""
