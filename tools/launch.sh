#!/bin/sh
# launch.sh ROOT run|test ARGS...: find a Python that is new enough and hand over to tools/bootstrap.py.
root=$1
shift
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
export PATH
for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        PYTHONPATH=$root exec "$python" -P -m tools.bootstrap "$@"
    fi
done
echo "Readiness needs Python 3.11 or later, and none was found. On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
exit 1
