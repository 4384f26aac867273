"""What an operator can do from the shell."""
