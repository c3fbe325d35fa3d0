"""run.py ROOT BASE ISSUER MCP APP FOLDER: runs the commands that the documents print, against this service and its demo servers.

Ports are the only thing that is changed, and an example's server and placeholders: … after an assignment is what the last response
says. A block of commands that is neither run nor listed as run elsewhere ends the run, and so does one that is listed and gone.
"""

import os
import pathlib
import subprocess
import sys

from blocks import blocks, is_shell

root, base, issuer, mcp, app, folder = sys.argv[1:]
# Nothing else of the environment reaches a command.
KEPT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}

# What is run, in this order: user, page, heading, words of the block, what its last response must say (jq).
RUN = [
    ("deployed", "docs/deploy.md", "From nothing to a first user", '/servers" -H', '. == {"servers":[],"next_cursor":null}'),
    ("deployed", "docs/deploy.md", "From nothing to a first user", "/servers/first/connect", '.status == "authorization_required"'),
    ("deployed", "docs/deploy.md", "From nothing to a first user", "completion_code=…", '.server_id == "first"'),
    ("deployed", "docs/deploy.md", "From nothing to a first user", "tools/list", ".data.tools | length > 0"),
    ("deployed", "docs/integrate.md", "Call a deployed service", '/servers" -H', ".servers[0].status == \"connected\""),
    ("reader", "README.md", "Your app's first calls", "servers/demo", '.data.content[0].text | startswith("owner-")'),
    ("reader", "README.md", "The guide's seven calls", "-X DELETE", '.status == "deleted"'),
    ("reader", "README.md", "The guide's seven calls", "local/guide", "guide: 7/7"),
    ("reader", "README.md", "The guide's seven calls", "# 7", ".data.tools | length > 0"),
    ("guide", "docs/local-testing.md", "The demo servers and the guide", "local/guide", "guide: 7/7"),
]

# What runs elsewhere, or cannot run here: page, first line of the block, where or why.
ELSEWHERE = [
    ("README.md", "local/run ", "every gate starts it so; mvn verify is the gate tests"),
    ("docs/api.md", 'curl -s -X POST "$API_URL/api/mcp/servers"', "the same call with the headers of a local run: .ci/integrate"),
    ("docs/api.md", "export API_URL=", ".ci/integrate"),
    ("docs/api.md", "jq --slurpfile done", ".ci/integrate"),
    ("docs/deploy.md", "cp samconfig.example.toml", "needs an AWS account"),
    ("docs/deploy.md", "mvn package", "needs an AWS account; the archives: local/lambdas"),
    ("docs/deploy.md", "ops/keys", "needs an AWS account; the same commands: .ci/emulators"),
    ("docs/deploy.md", "git pull", "needs an AWS account"),
    ("docs/events.md", "WEBHOOK_URL=", ".ci/webhook starts it so"),
    ("docs/integrate.md", "RETURN_TO_ALLOWLIST=", ".ci/integrate starts it so"),
    ("docs/integrate.md", "node docs/examples/backend.mjs", ".ci/integrate"),
    ("docs/integrate.md", "callback=$(curl", "each consent of this gate is given so: consent"),
    ("docs/local-testing.md", "local/run", "every gate starts it so"),
    ("docs/local-testing.md", "DEMO=replicas", "the tests of the replicas in local"),
    ("docs/local-testing.md", "MCP_GITHUB_", "needs an account; OperatorClientOfALocalRunTest"),
    ("docs/local-testing.md", "DATA_DIR=", ".ci/restart"),
    ("docs/local-testing.md", "sam local invoke", "needs Docker; the same events: the tests of each function"),
    ("docs/local-testing.md", "local/lambdas", "the gate lambdas"),
    ("docs/local-testing.md", "AWS_ENDPOINT_URL=", ".ci/emulators"),
    ("docs/local-testing.md", "local/localstack", ".ci/emulators"),
    ("docs/local-testing.md", "docker run", "needs Docker"),
    ("docs/local-testing.md", "pip install ministack", ".ci/emulators"),
    ("docs/local-testing.md", "conformance/run", "the gate conformance"),
    ("docs/local-testing.md", "mvn verify", "the gate tests"),
]

PAGES = sorted({page for _, page, *_ in RUN} | {page for page, *_ in ELSEWHERE})

CHANGED = {
    "http://localhost:3000": base,
    "http://localhost:9401": issuer,
    "http://localhost:9402/mcp": mcp,
    "https://mcp.example.com/mcp": mcp,
    "local/guide ": f"local/guide --base {base} --user $user ",
    "completion_code=…": 'completion_code="$(consent)"',
}

# Every response must be a success, and is kept for the next step.
PRELUDE = r"""
set -euo pipefail
API_URL=%(base)s JWT=not-needed-by-local-run
curl() {
  local response
  response=$(command curl --fail-with-body --max-time 60 -H "X-Local-User: $user" "$@") ||
    { printf 'curl %%s: %%s\n' "$*" "$response" >&2; return 1; }
  printf '%%s' "$response" >"$last"
  printf '%%s\n' "$response"
}
member() { jq -er ".$1" "$last"; }
# What a browser without our cookie does: it consents, and brings the completion code to the app's page.
consent() {
  local callback page
  callback=$(command curl -sS -o /dev/null -w '%%{redirect_url}' "$(member authorization_url)")
  page=$(command curl -sS -o /dev/null -w '%%{redirect_url}' -H 'Accept: text/html' "$callback")
  [[ $page == "%(app)s/return#completion_code="* ]] || { echo "the browser came to ${page%%%%#*}" >&2; return 1; }
  printf '%%s' "${page#*#completion_code=}"
}
"""


def stop(message):
    sys.exit(f"printed: {message}")


def found(page, heading, words):
    fitting = [text for title, text in blocks(pathlib.Path(root, page)) if title == heading and words in text and is_shell(text)]
    if len(fitting) != 1:
        stop(f"{page}, {heading}: {len(fitting)} blocks with {words}")
    return fitting[0]


def runnable(text):
    """The text with this service's addresses, and with the last response in the place of each …."""
    for printed, here in CHANGED.items():
        text = text.replace(printed, here)
    lines = []
    for line in text.splitlines():
        name, _, value = line.partition("=")
        lines.append(f'{name}=$(member {name.lower()})' if value in ("…", "'…'") else line)
    return "\n".join(lines) + "\n"


def all_blocks_are_known():
    run = {found(page, heading, words) for _, page, heading, words, _ in RUN}
    used = set()
    for page in PAGES:
        for heading, text in blocks(pathlib.Path(root, page)):
            entry = next((one for one in ELSEWHERE if one[0] == page and text.startswith(one[1])), None)
            used.add(entry)
            if is_shell(text) and text not in run and not entry:
                stop(f"{page}, {heading}: nothing runs this block: {text.splitlines()[0]}")
    for entry in ELSEWHERE:
        if entry not in used:
            stop(f"{entry[0]} has no block any more that begins with {entry[1]}")


def judged(expected):
    if expected.startswith("guide:"):
        return f'[ "$(tail -n 1 "$out")" = {expected!r} ]\n'
    return f"jq -e '{expected}' \"$last\" >/dev/null\n"


def run(user, page, heading, words, expected):
    script = PRELUDE % {"base": base, "app": app} + runnable(found(page, heading, words))
    place = pathlib.Path(folder, user)
    place.mkdir(exist_ok=True)
    for name in ("docs", "local", "events"):
        if not (place / name).exists():
            (place / name).symlink_to(pathlib.Path(root, name))
    environment = {"user": user, "last": str(place / "last"), "out": str(place / "out")}
    with open(place / "out", "w", encoding="utf-8") as out:
        for part in (script, PRELUDE % {"base": base, "app": app} + judged(expected)):
            done = subprocess.run(["bash", "-c", part], cwd=place, stdout=out, stderr=subprocess.PIPE, text=True, check=False,
                                  env={**environment, **KEPT})
            if done.returncode:
                stop(f"{page}, {heading}, {words}: {done.stderr.strip() or 'another response than ' + expected}")
    print(f"{page}, {heading}: {words}", flush=True)


if __name__ == "__main__":
    all_blocks_are_known()
    for step in RUN:
        run(*step)
    print(f"printed: {len(RUN)} blocks run, {len(ELSEWHERE)} run elsewhere")
