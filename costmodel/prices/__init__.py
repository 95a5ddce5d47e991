"""What tokens and GPUs cost: dated, sourced, in USD, and never zero where it is not known."""
