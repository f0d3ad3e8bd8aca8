"""What stands on the right of the screen."""
