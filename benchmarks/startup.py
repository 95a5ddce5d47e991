"""How much longer `llmops --help` takes than Python itself, beside the same for `import typer`.

    python benchmarks/startup.py [ROUNDS]

Aim: 0.15 s, most of which typer takes by itself.
"""

import statistics
import subprocess
import sys
import time

BARE = "bare Python"
COMMANDS = {
    BARE: ["-c", "pass"],
    "import typer": ["-c", "import typer"],
    "llmops --help": ["-m", "llmops", "--help"],
    "llmops bill --help": ["-m", "llmops", "bill", "--help"],
}
AIM_S = 0.15


def main() -> None:
    """Run all commands in turn, so that a busy moment of the machine falls on each of them; print the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds_of(arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    show(medians, rounds)


def seconds_of(arguments: list[str]) -> float:
    """The wall-clock time of one run of this Python."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def show(medians: dict[str, float], rounds: int) -> None:
    """One line a command: its median, and what it takes over bare Python and against typer."""
    typer_s = medians["import typer"] - medians[BARE]
    print(f"Median of {rounds} interleaved runs, Python {sys.version.split()[0]}; aim: at most {AIM_S} s extra")
    for name, median in medians.items():
        extra = median - medians[BARE]
        print(f"{name:20} {median:6.3f} s   extra {extra:6.3f} s   of typer's {extra / typer_s:5.2f}")


if __name__ == "__main__":
    main()
