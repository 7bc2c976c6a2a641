"""What a warm worker answers about what a network sees in a picture."""
