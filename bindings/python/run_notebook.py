"""Executes a notebook at the top of the tree; fails if a cell does. The file is not changed."""

from __future__ import annotations

import sys

import nbclient
import nbformat


def main() -> int:
    for path in sys.argv[1:]:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
        client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3")
        client.execute()
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        if not any(cell.outputs for cell in cells):
            print(f"{path}: no cell shows anything")
            return 1
        print(f"{path}: {len(cells)} cells ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
