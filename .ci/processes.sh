# Sourced by the gates that start servers: starting, waiting and stopping, on loopback.
#
# The caller sets `gate` (its name, for messages). Here are: `logs`, a folder with one log a process; `start NAME COMMAND…`;
# `start_service PORT [NAME=VALUE…]`; `await NAME PATTERN SECONDS`; `free_port FROM`; `last_lines LOG`; `fail LOG MESSAGE`.
# Everything that was started is stopped at the end.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$(mktemp -d)
pids=$(mktemp -d)
# Of all gates of this user: one file for each port that a gate has taken, with the process id of the gate.
ports=${XDG_CACHE_HOME:-$HOME/.cache}/mcp-oauth-client/ports

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

# await NAME PATTERN SECONDS: ends the gate unless the process prints the line.
await() { serves "$@" || fail "$1" "$1 $why"; }

# serves NAME PATTERN SECONDS: waits for the line, as long as the process lives; else `why` says what happened instead.
serves() {
  local deadline=$((SECONDS + $3))
  until grep -qs "$2" "$logs/$1"; do
    why="ended before it served"
    kill -0 "$(<"$pids/$1")" 2>/dev/null || return 1
    why="did not print $2 within $3 s"
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.2
  done
}

# The first port from $1 on at which nothing listens and that no gate has taken. The port stays taken until the gate ends,
# because a server begins to listen only later. Below the ports that the kernel gives to outgoing connections.
free_port() (
  mkdir -p "$ports"
  exec 9>"$ports/lock"
  ! command -v flock >/dev/null || flock 9
  port=$1
  while is_taken "$port"; do port=$((port + 1)); done
  echo $$ >"$ports/$port"
  echo "$port"
)

is_taken() {
  ! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
  [ -f "$ports/$1" ] && kill -0 "$(<"$ports/$1")" 2>/dev/null
}

# last_lines LOG: without anything that may be a secret.
last_lines() {
  printf -- '\n---- %s, last lines\n' "$1"
  tail -n 40 "$logs/$1" | sed -E 's/[[:alnum:]_-]{24,}/…/g; s/^/  /'
}

# Shows the last lines of every log, the named one at the end.
fail() {
  local log
  for log in $(find "$logs" -maxdepth 1 -type f ! -name "$1" -exec basename {} \;) "$1"; do
    last_lines "$log" >&2 || true
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
  { grep -lsx $$ "$ports"/* || true; } | xargs rm -f
}
trap stop_all EXIT
trap 'exit 1' HUP INT TERM
