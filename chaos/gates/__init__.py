"""Gates: what results of ours must show before a pipeline is green."""
