"""The graph of a folded page in Node: what its scripts compute from its data."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

import autograd_core

needs_node = pytest.mark.skipif(which("node") is None, reason="runs scripts: install Node.js")
_FOLDER = (Path(autograd_core.__file__).parent / "show" / "picture").as_uri()
_SCRIPT = """
import {{ ColumnGraph }} from "{folder}/graph.js";
{imports}
let text = "";
process.stdin.on("data", (part) => {{ text += part; }}).on("end", () => {{
  const graph = new ColumnGraph(JSON.parse(text));
  console.log(JSON.stringify((() => {{ {body} }})()));
}});
"""


def run_in_node(page: str, body: str, **imports: str) -> Any:
    """What `body`, JavaScript with `graph`, returns for a page. imports: by script the names that it uses."""
    lines = [f'import {{ {names} }} from "{_FOLDER}/{script}.js";' for script, names in imports.items()]
    script = _SCRIPT.format(folder=_FOLDER, imports="\n".join(lines), body=body)
    data = page.split('<script type="application/json">')[1].split("</script>")[0]
    command = ["node", "--input-type=module", "-e", script]
    ran = subprocess.run(command, input=data, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
