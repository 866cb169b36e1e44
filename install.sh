#!/usr/bin/env bash
# Installs the project and what requirements.lock names into .venv; every file must have a hash that stands there.
# bash install.sh [EXTRA ...]; without extras those of development: dev train s3 dask
set -euo pipefail
cd "$(dirname "$0")"
if [ $# -eq 0 ]; then set -- dev train s3 dask; fi
test -x .venv/bin/python || python3 -m venv .venv
.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r <(sed -n '/^uv==/,/[^\\]$/p' requirements.lock)

# Where a folder of wheels is named and holds torch without CUDA for this Python, that build is taken.
locks=(-c requirements.lock)
tag=$(.venv/bin/python -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
if compgen -G "${PIP_FIND_LINKS:-}/torch-*+cpu-$tag-*.whl" >/dev/null; then locks+=(-c torch-cpu.lock); fi

export UV_FIND_LINKS="${PIP_FIND_LINKS:-}"
.venv/bin/uv pip install -q -p .venv/bin/python --require-hashes "${locks[@]}" -b requirements.lock \
  -r pyproject.toml "${@/#/--extra=}"
.venv/bin/uv pip install -q -p .venv/bin/python -b requirements.lock --no-deps -e .
