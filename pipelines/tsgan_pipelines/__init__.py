"""What is built of the other two packages: the command line ``tsgan``."""
