"""A back end that connects its users to an MCP server. Python 3.9 or newer, no packages: `python3 docs/examples/backend.py`.

docs/integrate.md explains each step.
"""
import json
import os
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

API = os.environ.get("MCP_API", "http://localhost:3000")  # the stack's output ApiUrl
PORT = int(os.environ.get("APP_PORT", "8080"))
APP = f"http://localhost:{PORT}"
SERVER_ID, SERVER_URL = "demo", os.environ.get("MCP_SERVER_URL", "http://localhost:9402/mcp")

HOME = """<!doctype html><title>App</title><form method="post" action="/connect"><button>Connect</button></form>
<a href="/tools">Tools</a>"""

# 3: the page the browser comes back to. Its script gives the completion code to this back end.
RETURN_PAGE = Path(__file__).with_name("return.html").read_text(encoding="utf-8")


def jwt_of_user(request):
    """Your app's own sign-in decides this: the JWT of the user who sent the request. `local/run` needs no JWT."""
    return os.environ.get("APP_JWT", "not-needed-by-local-run")


def call(request, method, path, body):
    """One call to the service, on behalf of the user: the status and the JSON body."""
    headers = {"Authorization": f"Bearer {jwt_of_user(request)}", "Content-Type": "application/json"}
    outgoing = urllib.request.Request(API + path, json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(outgoing, timeout=35) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)
    except OSError:
        return 502, {"error": "service_unreachable"}


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            self.page(HOME)
        elif self.path.split("?")[0] == "/return":
            self.page(RETURN_PAGE)
        elif self.path == "/tools":
            # 5: use the server. On 401 authorization_required, send the user through connect again.
            self.json(*call(self, "POST", "/api/mcp/oauth/access-resource", {"server_id": SERVER_ID, "method": "tools/list"}))
        else:
            self.json(404, {"error": "not_found"})

    def do_POST(self):
        if self.path == "/connect":
            self.connect()
        elif self.path == "/complete":
            self.complete()
        else:
            self.json(404, {"error": "not_found"})

    def connect(self):
        # 1 and 2: put the server into the user's registry, then connect it.
        record = {"name": "Demo", "endpoint": {"type": "streamableHttp", "url": SERVER_URL}}
        status, answer = call(self, "PUT", f"/api/mcp/servers/{SERVER_ID}", record)
        if status != 200:
            return self.json(status, answer)
        status, answer = call(self, "POST", f"/api/mcp/servers/{SERVER_ID}/connect", {"return_to": f"{APP}/return"})
        if answer.get("status") == "connected":
            self.redirect(f"{APP}/return#status=connected")
        elif answer.get("status") == "authorization_required":
            self.redirect(answer["authorization_url"])
        else:
            self.json(status, answer)

    def complete(self):
        # 4: redeem the code as the user who is signed in now. The answer can hold tokens: the browser never gets them.
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = call(self, "POST", "/api/mcp/oauth/complete", {"completion_code": given["completion_code"]})
        self.json(status, {"status": "connected"} if status == 200 else {"error": answer.get("error", answer.get("message"))})

    def page(self, html):
        self.send(200, {"Content-Type": "text/html; charset=utf-8"}, html)

    def json(self, status, body):
        self.send(status, {"Content-Type": "application/json"}, json.dumps(body))

    def redirect(self, url):
        self.send(303, {"Location": url}, "")

    def send(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        """Says nothing: a request line can hold what belongs in no log."""


if __name__ == "__main__":
    print(f"app {APP}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), App).serve_forever()
