"""What lies in a folder: files, ignore rules, and the history that git tells of them."""
