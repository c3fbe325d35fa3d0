# Sourced by the gates that start servers: starting, waiting and stopping, on loopback.
#
# The caller sets `gate` (its name, for messages). Here are: `logs`, a folder with one log a process; `start NAME COMMAND…`;
# `start_service PORT [NAME=VALUE…]`; `isolate_aws`; `start_ministack FROM`; `await NAME PATTERN SECONDS`; `free_port FROM`;
# `last_lines LOG`; `fail LOG MESSAGE`. Everything that was started is stopped at the end.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$(mktemp -d)
pids=$(mktemp -d)
# Of all gates of this user: one file for each port that a gate has taken, with the process id of the gate.
ports=${XDG_CACHE_HOME:-$HOME/.cache}/mcp-oauth-client/ports

# start NAME COMMAND…: in the background, with its output in the log NAME. The log of an earlier process of this name is emptied
# first: what is awaited must not be found in it.
start() {
  local name=$1
  shift
  : >"$logs/$name"
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
    -u STDIO_SERVERS \
    DEMO=on PORT="$port" "$@" "$root/local/run"
  await "$name" "^ready http://localhost:$port\$" 900
}

# Neither credentials nor settings of the machine's own may decide what the clients of an emulator of AWS do.
isolate_aws() {
  unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_DYNAMODB AWS_ENDPOINT_URL_SECRETS_MANAGER
  export AWS_CONFIG_FILE=$logs/none AWS_SHARED_CREDENTIALS_FILE=$logs/none AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test \
    AWS_SECRET_ACCESS_KEY=test no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
}

# start_ministack FROM: MiniStack with empty stores, at the first free port from FROM on; `stores` is its URL.
start_ministack() {
  local venv port
  venv=$("$root/.ci/venv" emulator "$root/local/emulator.txt")
  port=$(free_port "$1")
  stores=http://127.0.0.1:$port
  mkdir "$logs/ministack-files"
  start ministack within "$logs/ministack-files" env -i PATH="$PATH" HOME="$HOME" TMPDIR="$logs/ministack-files" LANG=C.UTF-8 \
    BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" "$venv/bin/ministack"
  until_true ministack 60 'serve' healthy "$stores/_ministack/health" || fail ministack "ministack $why"
}

# within FOLDER COMMAND…
within() {
  cd "$1"
  shift
  exec "$@"
}

healthy() { curl -q -sf --noproxy '*' --max-time 5 -o /dev/null "$1"; }

# await NAME PATTERN SECONDS: ends the gate unless the process prints the line.
await() { serves "$@" || fail "$1" "$1 $why"; }

# serves NAME PATTERN SECONDS: waits for the line, as long as the process lives; else `why` says what happened instead.
serves() { until_true "$1" "$3" "print $2" grep -qs "$2" "$logs/$1"; }

# until_true NAME SECONDS WHAT COMMAND…: waits until the command succeeds, as long as the process lives; else `why` says that the
# process did not do WHAT.
until_true() {
  local name=$1 seconds=$2 what=$3 deadline=$((SECONDS + $2))
  shift 3
  until "$@"; do
    why="ended before it served"
    kill -0 "$(<"$pids/$name")" 2>/dev/null || return 1
    why="did not $what within $seconds s"
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.2
  done
}

# The first port from $1 on at which nothing listens and that no gate has taken. The port stays taken until the gate ends,
# because a server begins to listen only later. Gates ask for ports below those that the kernel gives to outgoing connections.
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
  # The message is printed even where there is no such log.
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
  # No port of this gate is no fault.
  { grep -lsx --null $$ "$ports"/* || true; } | xargs -0 rm -f
}
trap stop_all EXIT
trap 'exit 1' HUP INT TERM
