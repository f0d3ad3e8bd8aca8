"""The building blocks of the screen."""
