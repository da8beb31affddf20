#!/bin/bash
# The Python package from nothing: a virtual environment, the wheel, types, tests, the notebook, and a
# wheel that stands alone. Needs the distribution's packages of ./run and PyPI (pip).
#   PYTHON        interpreter (python3)
#   BUILD_FLAGS   compiler flags of the extension (-O2)
#   JOBS          compilers at a time
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
venv=build/python/venv
out=build/python/wheels
# Under build/ and by the names that CMake finds, the compiler makes what ./run test made before: ccache
# knows it. Python's own build would name another.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CC=${CC:-cc} CXX=${CXX:-c++}
export CMAKE_BUILD_PARALLEL_LEVEL=${JOBS:-$(nproc)}

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
  exit 75  # what they are run in cannot have them now
fi

say "wheel"
rm -rf "$out"
"$py" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w "$out/plain" \
  --config-settings=build-dir=build/wheel \
  --config-settings=cmake.define.CMAKE_CXX_FLAGS_RELEASE="${BUILD_FLAGS:--O2 -DNDEBUG}" .
# Debian's static libraries are not position independent: what is no part of manylinux is copied in.
PATH=$PWD/$venv/bin:$PATH "$py" -m auditwheel --verbose repair -w "$out" "$out"/plain/vedette-*.whl \
  >"$out/auditwheel.log" 2>&1 || { cat "$out/auditwheel.log"; exit 1; }
ls "$out"/vedette-*.whl
"$py" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$out"/vedette-*.whl

say "nothing of this project's dependencies comes from the system"
extension=$("$py" -c 'import vedette._vedette as m; print(m.__file__)')
ldd "$extension" >"$out/ldd.log"
# The C and C++ runtimes and zlib are what every manylinux system has.
if grep -vE 'vedette\.libs|linux-vdso|ld-linux|lib(c|m|stdc\+\+|gcc_s|pthread|rt|dl|z)\.so' "$out/ldd.log"; then
  echo "the wheel does not stand alone" >&2
  exit 1
fi
inside=$(grep -c vedette.libs "$out/ldd.log")
[ "$inside" -ge 5 ] || { echo "libraries are missing from the wheel:" >&2; cat "$out/ldd.log" >&2; exit 1; }
echo "$inside libraries from the wheel; the rest is the C and C++ runtime and zlib"

say "types"
"$py" -m mypy --cache-dir build/python/mypy bindings/python/vedette bindings/python/tests \
  examples/python/quickstart.py bindings/python/run_notebook.py bindings/python/bench.py

say "tests"
"$py" -m pytest

say "notebook"
"$py" bindings/python/run_notebook.py examples/python/hunt.ipynb
