"""How much load a model on a GPU carries, and how many GPUs a demand needs."""
