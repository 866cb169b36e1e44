"""Nothing here reads a format that can run code, evaluates text, or hands words to a shell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for part in ("insights", "flows", "models", "fixtures") for path in (ROOT / part).rglob("*.py"))

NO_IMPORT = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "yaml", "pydoc"}
NO_CALL = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "runpy.run_path"),
    *("pandas.read_pickle", "pd.read_pickle", "torch.hub.load", "torch.jit.load", "numpy.fromfile"),
}


def unsafe(source: str) -> Iterator[str]:
    """What in a module would let data run as code, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"{node.lineno}: imports {name}" for name in names if name.split(".")[0] in NO_IMPORT)
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        short = called.rpartition(".")[2]
        if (
            called in NO_CALL
            or (called == "torch.load" and given.get("weights_only") != "True")
            or (short == "from_pretrained" and given.get("trust_remote_code") != "False")
            or (short == "from_pretrained" and "Model" in called and given.get("use_safetensors") != "True")
            or given.get("allow_pickle", "False") != "False"
            or given.get("shell", "False") != "False"
        ):
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_reads_data_only_as_data(path: Path) -> None:
    assert list(unsafe(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import load",
        "import yaml",
        "eval(words)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "numpy.load(path, allow_pickle=True)",
        "AutoModel.from_pretrained(place, trust_remote_code=False)",
        "AutoTokenizer.from_pretrained(place)",
        "AutoTokenizer.from_pretrained(place, trust_remote_code=True)",
        "subprocess.run(words, shell=True)",
        "os.system(words)",
    ],
)
def test_what_is_forbidden_would_be_noticed(line: str) -> None:
    assert len(list(unsafe(line))) == 1


@pytest.mark.parametrize(
    "line", ["network.eval()", "re.compile(words)", "torch.load(path, weights_only=True)", "numpy.load(path)"]
)
def test_what_is_harmless_is_let_be(line: str) -> None:
    assert list(unsafe(line)) == []


FLOWS = sorted((ROOT / "flows").glob("*.py"))


def decorated(source: str) -> Iterator[str]:
    """Flows and tasks as they are made, by decorator or by call, that do not say that no result is kept."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("flow", "task"):
            given = {word.arg: ast.unparse(word.value) for word in node.keywords}
            if given.get("persist_result") != "False":
                yield f"{node.lineno}: {ast.unparse(node)[:80]}"
        elif isinstance(node, ast.FunctionDef):
            yield from (
                f"{node.lineno}: {node.name}" for by in node.decorator_list if ast.unparse(by) in ("flow", "task")
            )


def test_no_flow_or_task_keeps_its_result() -> None:
    """Prefect opens a kept result as a pickle if whoever wrote it says so."""
    assert [f"{path.name}:{one}" for path in FLOWS for one in decorated(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "code", ["@flow\ndef night(): ...", "@task(name='a')\ndef a(): ...", "b = task(a.fn, name='b')"]
)
def test_a_result_that_is_kept_would_be_noticed(code: str) -> None:
    assert len(list(decorated(code))) == 1
