#!/usr/bin/env bash
# What the GitHub Action does, without GitHub: has wsspec on PATH or installs it, grades, writes summary and outputs.
# Everything is told by the environment; action.yml says what each of these means.
#
#   WSSPEC_SERVER WSSPEC_SPAWN WSSPEC_CLIENT     what to grade
#   WSSPEC_BASELINE WSSPEC_SHARD WSSPEC_FAIL_ON WSSPEC_ARGS WSSPEC_OUT
#   WSSPEC_VERSION WSSPEC_INSTALL_ONLY
#
# GITHUB_PATH, GITHUB_OUTPUT and GITHUB_STEP_SUMMARY are files that GitHub reads; where they are not set nobody does.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${WSSPEC_OUT:-wsspec-report}

fail() { echo "::error::wsspec: $1"; exit 2; }

# Splits text into words as a shell does, quotes included, and expands nothing. The words are left in $words.
split() {
  words=()
  [ -n "${1//[[:space:]]/}" ] || return 0
  local lines word
  lines=$(printf '%s' "$1" | xargs -n 1 printf '%s\n') || fail "its quotes do not match: $1"
  while IFS= read -r word; do words+=("$word"); done <<< "$lines"
}

if ! command -v wsspec > /dev/null; then
  folder=${RUNNER_TEMP:-$(mktemp -d)}/wsspec
  # Who names a version of the action has named a version of the suite: a new case turns nothing red overnight.
  of_action=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$here/../../Cargo.toml")
  WSSPEC_VERSION=${WSSPEC_VERSION:-$of_action} sh "$here/../install.sh" "$folder"
  export PATH=$folder:$PATH
  [ -z "${GITHUB_PATH:-}" ] || echo "$folder" >> "$GITHUB_PATH"
fi
[ "${WSSPEC_INSTALL_ONLY:-false}" != true ] || exit 0

command=server
targets=() behind=()
split "${WSSPEC_SERVER:-}"
targets+=(${words[@]+"${words[@]}"})
while IFS= read -r line; do
  [ -z "${line//[[:space:]]/}" ] || targets+=(--spawn "$line")
done <<< "${WSSPEC_SPAWN:-}"
split "${WSSPEC_CLIENT:-}"
if [ ${#words[@]} -gt 0 ]; then
  command=client
  behind=(-- "${words[@]}")
fi
# Without a target wsspec would grade the server that it brings, and find it in order.
[ $((${#targets[@]} > 0)) != $((${#behind[@]} > 0)) ] || fail "say what to grade: server or spawn, or client"

options=(--out "$out")
[ -z "${WSSPEC_BASELINE:-}" ] || options+=(--baseline "$WSSPEC_BASELINE")
[ -z "${WSSPEC_SHARD:-}" ] || options+=(--shard "$WSSPEC_SHARD")
[ -z "${WSSPEC_FAIL_ON:-}" ] || options+=(--fail-on "$WSSPEC_FAIL_ON")
split "${WSSPEC_ARGS:-}"

status=0
wsspec "$command" "${options[@]}" ${words[@]+"${words[@]}"} \
  ${targets[@]+"${targets[@]}"} ${behind[@]+"${behind[@]}"} || status=$?

[ -z "${GITHUB_OUTPUT:-}" ] || printf 'status=%s\nreport=%s\n' "$status" "$out" >> "$GITHUB_OUTPUT"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || [ ! -f "$out/summary.md" ] || cat "$out/summary.md" >> "$GITHUB_STEP_SUMMARY"
exit "$status"
