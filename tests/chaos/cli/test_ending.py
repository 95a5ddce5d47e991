"""Work that is interrupted, again and again."""

import subprocess
import sys

SCRIPT = """
import asyncio, os, signal, sys, typer
from llmops.chaos.cli import ending

def interrupt(*said, **more):
    os.kill(os.getpid(), signal.SIGINT)
    print(*said)

async def work():
    interrupt()
    await asyncio.sleep(60)

ending.typer.echo = interrupt
try:
    ending.until_ended(work(), done="it is tidied up", left="it is left as it was")
except typer.Exit as ended:
    sys.exit(ended.exit_code)
"""


def test_one_more_interrupt_at_the_end_leaves_the_exit_code() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (130, "")
    assert "interrupted: it is tidied up" in done.stdout
