# Sourced by the gates that start servers: starting, waiting and stopping, on loopback.
#
# The caller sets `gate` (its name, for messages). Here are: `logs`, a folder with one log a process; `start NAME COMMAND…`;
# `start_service PORT [NAME=VALUE…]`; `await NAME PATTERN SECONDS`; `free_port FROM`; `fail LOG MESSAGE`. Everything that was
# started is stopped at the end.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$(mktemp -d)
pids=$(mktemp -d)

# start NAME COMMAND…: in the background, with its output in the log NAME.
start() {
  local name=$1
  shift
  "$@" >"$logs/$name" 2>&1 </dev/null &
  echo $! >"$pids/$name"
}

# The settings of local/run are the given ones alone, not those of the person who runs the gate. It may have to build first.
start_service() { start_service_named service "$@"; }

# start_service_named NAME PORT [NAME=VALUE…]: for a gate with several.
start_service_named() {
  local name=$1 port=$2
  shift 2
  start "$name" env -u DATA_DIR -u PUBLIC_BASE_URL -u AWS_ENDPOINT_URL -u TOKEN_RESPONSES -u RETURN_TO_ALLOWLIST \
    -u CORS_ORIGINS -u CLIENT_METADATA_URL -u SESSION_BINDING -u ALLOW_LOOPBACK -u EVENTS -u WEBHOOK_URL -u WEBHOOK_SECRET \
    DEMO=on PORT="$port" "$@" "$root/local/run"
  await "$name" "^ready http://localhost:$port\$" 900
}

# The process must live until the line is there.
await() {
  local deadline=$((SECONDS + $3))
  until grep -qs "$2" "$logs/$1"; do
    kill -0 "$(<"$pids/$1")" 2>/dev/null || fail "$1" "$1 ended before it served"
    [ $SECONDS -lt $deadline ] || fail "$1" "$1 did not print $2 within $3 s"
    sleep 0.2
  done
}

# The first port from $1 on at which nothing listens.
free_port() {
  local port=$1
  while (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

# Shows the last lines of every log, the named one at the end.
fail() {
  local log
  for log in $(find "$logs" -type f ! -name "$1" -exec basename {} \;) "$1"; do
    printf '\n---- %s, last lines\n' "$log" >&2
    tail -n 40 "$logs/$log" >&2 || true
  done
  printf '\n%s gate: %s\n' "$gate" "$2" >&2
  exit 1
}

# stop NAME: asks the process to end, and ends it by force after 15 seconds.
stop() {
  local pid deadline=$((SECONDS + 15))
  pid=$(<"$pids/$1")
  rm "$pids/$1"
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    if [ $SECONDS -ge $deadline ]; then
      echo "$gate gate: $1 did not stop, killing it" >&2
      kill -KILL "$pid" 2>/dev/null || return 0
    fi
    sleep 0.1
  done
}

stop_all() {
  local file
  for file in "$pids"/*; do
    [ ! -f "$file" ] || stop "$(basename "$file")"
  done
  rm -rf "$logs" "$pids"
}
trap stop_all EXIT
trap 'exit 1' HUP INT TERM
