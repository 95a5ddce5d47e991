"""Game days: an outage that is practised, with people, a plan and a way back."""
