"""What a warm worker answers about a run on pictures: classes of new pictures, and whether they look unlike all others."""
