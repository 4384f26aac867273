#!/bin/sh
# Print what a person on call needs first: is the service healthy, and how long do recalls take?
set -eu
endpoint=${1:-http://localhost:7432}
curl --fail --silent --show-error "$endpoint/health"
curl --fail --silent --show-error "$endpoint/metrics" | grep '^engram_recall_duration_seconds'
