"""What ModelSearch knows and does: no screen, no neural network, usable as a library."""
