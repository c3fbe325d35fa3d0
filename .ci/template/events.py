"""Holds events/ against contract.py: each function has its cases, each case says what is expected and fits a route."""

import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote_plus

import contract

EVENTS = Path(__file__).resolve().parents[2] / "events"
EXPECTATIONS = {"status", "error", "fields", "upstream", "without_upstream", "seed"}
NOT_HTTP = {function for function, routes in contract.ROUTES.items() if not routes}
# A token that verifies would need a key in the repository; the authorizer's own test makes one.
WITHOUT_OK = {"authorizer"}


def faults_of(folder, case, event, expected):
    if not isinstance(expected.get("status"), int) or not set(expected) <= EXPECTATIONS:
        yield f"its expectation has the members {sorted(expected)}"
    if expected.get("upstream") and not {"status"} <= set(expected.get("without_upstream", {})) <= {"status", "error"}:
        yield "needs an upstream, but does not say what is answered without one"
    if ("localhost" in json.dumps(event)) and expected["status"] == 200 and not expected.get("upstream"):
        yield "succeeds at a local server without saying that it needs one"
    if folder not in NOT_HTTP:
        yield from route_faults(folder, case, event)


def route_faults(folder, case, event):
    route, context = event["routeKey"], event["requestContext"]
    method, template = route.split(" ")
    if route not in contract.ROUTES[folder]:
        yield f"{route} is no route of the function"
    if (context["routeKey"], context["http"]["method"], context["http"]["path"]) != (route, method, event["rawPath"]):
        yield "the request context tells of another request"
    filled = re.sub(r"\{(\w+)\}", lambda variable: event.get("pathParameters", {}).get(variable[1], ""), template)
    if filled != event["rawPath"]:
        yield f"rawPath is {event['rawPath']}, but the path parameters make it {filled}"
    # API Gateway decodes the names in queryStringParameters.
    named = {unquote_plus(pair.split("=")[0]) for pair in event["rawQueryString"].split("&") if pair}
    if named != set(event.get("queryStringParameters", {})):
        yield "rawQueryString and queryStringParameters differ"
    if ("authorizer" in context) != (route not in contract.PUBLIC and case != "no-caller"):
        yield "a caller where the route is public, or none where it is not"


def main():
    faults = []
    folders = {path.name for path in EVENTS.iterdir() if path.is_dir()}
    if folders != set(contract.ROUTES):
        faults.append(f"events/: folders missing or unexpected {sorted(folders ^ set(contract.ROUTES))}")
    cases = 0
    for folder in sorted(folders & set(contract.ROUTES)):
        files = {path.name.removesuffix(".json") for path in (EVENTS / folder).iterdir()}
        expectations = {name.removesuffix(".expected") for name in files if name.endswith(".expected")}
        events = {name for name in files if not name.endswith(".expected")}
        faults += [f"events/{folder}/{name}: event or expectation is missing" for name in sorted(events ^ expectations)]
        if "ok" not in events and folder not in WITHOUT_OK:
            faults.append(f"events/{folder}: no ok.json")
        for case in sorted(events & expectations):
            cases += 1
            event, expected = (json.loads((EVENTS / folder / f"{case}{kind}.json").read_text(encoding="utf-8")) for kind in ("", ".expected"))
            faults += [f"events/{folder}/{case}: {fault}" for fault in faults_of(folder, case, event, expected)]
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"events: {cases} cases, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
