# Sourced by the scripts that install something into the user's cache.

# once PLACE COMMAND…: makes the folder or file PLACE if it is missing, and prints it. The command gets the path at which to make
# it: beside the place, which it is renamed to when it is whole. So what broke off is never taken for the whole.
once() {
  local place=$1
  shift
  if [ ! -e "$place" ]; then
    mkdir -p "${place%/*}"
    # Not local: the trap runs when the function is over.
    part=$(mktemp -d "$place.XXXXXX")
    trap 'rm -rf "$part"' EXIT
    "$@" "$part/whole" >&2
    # Of two that run at once, the first to finish keeps the place.
    [ -e "$place" ] || mv "$part/whole" "$place"
  fi
  echo "$place"
}
