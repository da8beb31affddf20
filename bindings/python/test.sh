#!/bin/bash
# The Python package from nothing: a virtual environment, the wheel, types, tests, the notebook, and a
# wheel that stands alone. Needs the distribution's packages of ./run and PyPI (pip).
#   PYTHON        interpreter (python3)
#   BUILD_FLAGS   compiler flags of the extension (-O2); those of ./run test share its ccache
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
venv=build/python/venv
out=build/python/wheels
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

say() { printf '\n-- %s\n' "$*"; }

say "environment"
mkdir -p build/python
"$python" -m venv "$venv" || {
  echo "no virtual environment; try: apt-get install python3-venv" >&2
  exit 1
}
py=$PWD/$venv/bin/python
if ! "$py" -m pip install --quiet --disable-pip-version-check --retries 2 \
  -r bindings/python/requirements.txt; then
  echo "pip cannot install bindings/python/requirements.txt: these tests need PyPI (or PIP_INDEX_URL)" >&2
  exit 1
fi

say "wheel"
rm -rf "$out"
"$py" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w "$out/plain" \
  -C build-dir=build/python/cmake \
  -C cmake.define.CMAKE_CXX_FLAGS_RELEASE="${BUILD_FLAGS:--O2 -DNDEBUG}" .
# Debian's static libraries are not position independent: what is no part of manylinux is copied in.
PATH=$PWD/$venv/bin:$PATH "$py" -m auditwheel --verbose repair -w "$out" "$out"/plain/vedette-*.whl \
  >"$out/auditwheel.log" 2>&1 || { cat "$out/auditwheel.log"; exit 1; }
ls "$out"/vedette-*.whl
"$py" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$out"/vedette-*.whl

say "nothing of this project's dependencies comes from the system"
extension=$("$py" -c 'import vedette._vedette as m; print(m.__file__)')
ldd "$extension" | tee "$out/ldd.log" | grep -E 'absl|re2|yaml|simdjson|zstd|libz\b' |
  grep -v 'vedette.libs' && { echo "the wheel does not stand alone" >&2; exit 1; }
echo "$(grep -c vedette.libs "$out/ldd.log") libraries from the wheel, the rest is glibc and libstdc++"

say "types"
"$py" -m mypy --cache-dir build/python/mypy bindings/python/vedette bindings/python/tests \
  examples/python/quickstart.py bindings/python/run_notebook.py bindings/python/bench.py

say "tests"
"$py" -m pytest -o cache_dir=build/python/pytest

say "notebook"
"$py" bindings/python/run_notebook.py examples/python/hunt.ipynb
