"""What hypothesis drives: a rollout, its people, its service, and everything that can be done to them."""
