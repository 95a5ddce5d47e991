"""`python -m llmops` is the command `llmops`."""

from llmops.cli import main

if __name__ == "__main__":
    main()
