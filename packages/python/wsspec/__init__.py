"""wsspec for Python: finds the binary of this package, runs it, and reads what it found."""

import json
import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Report", "binary", "run"]


@dataclass(frozen=True)
class Report:
    """What a run left behind.

    `status` is the exit status: 0 the target is as the policy and the baseline allow, 1 it is not, 2 the command line
    or a case file is wrong, 3 no honest run was possible. `output` is what was printed, `results` the rows of
    `results.json`, empty where there was no run.
    """

    status: int
    folder: Path
    output: str
    results: list


def binary() -> str:
    """The path of the wsspec binary: the one that was installed with this module, else the one on PATH."""
    name = "wsspec" + (sysconfig.get_config_var("EXE") or "")
    schemes = {sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")}
    # With `pip install --target` the scripts stand in a folder beside the modules.
    places = [Path(folder) for folder in schemes if folder] + [Path(__file__).parent.parent / "bin"]
    for place in places:
        if (place / name).is_file():
            return str(place / name)
    found = shutil.which("wsspec")
    if found is None:
        raise FileNotFoundError("the wsspec binary is neither beside this package nor on PATH")
    return found


def run(command: str, *arguments: str, out, behind: tuple = ()) -> Report:
    """Runs `wsspec COMMAND --out OUT ARGUMENTS [-- BEHIND]` and waits for its end.

    The call blocks: a server on an event loop of the same thread could not answer, so that such a caller writes
    `await asyncio.to_thread(wsspec.run, …)`.
    """
    line = [binary(), command, "--out", str(out), "--color", "never", *map(str, arguments)]
    if behind:
        line += ["--", *map(str, behind)]
    ended = subprocess.run(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    )
    stored = Path(out) / "results.json"
    ran = ended.returncode in (0, 1) and stored.is_file()
    results = json.loads(stored.read_text(encoding="utf-8"))["results"] if ran else []
    return Report(ended.returncode, Path(out), ended.stdout, results)
