"""What a deterministic function computes: the model it equals, or its formula and what that lacks."""
