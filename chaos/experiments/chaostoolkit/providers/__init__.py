"""How an activity is carried out, as Chaos Toolkit's providers do it: one file each."""
