"""Receives webhooks and verifies them with the published PyPI library, by the code that docs/events.md prints: WEBHOOK_SECRET, PORT,
PRINTED (a folder with the module `printed`, which has that code)."""

import base64
import http.server
import os
import sys

from standardwebhooks.webhooks import Webhook

sys.path.insert(0, os.environ["PRINTED"])
from printed import verify

OURS = Webhook(os.environ["WEBHOOK_SECRET"])
ANOTHER = Webhook("whsec_" + base64.b64encode(bytes(32)).decode())


def refuses(webhook, body, headers):
    try:
        webhook.verify(body, headers)
    except Exception:
        return True
    return False


def verified(body, headers):
    event = verify(body, headers)
    assert refuses(ANOTHER, body, headers), "verified with another secret"
    assert refuses(OURS, body + " ", headers), "verified a changed body"
    assert refuses(OURS, body, {**headers, "webhook-id": "another"}), "verified another id"
    assert event["data"]["id"] == headers["webhook-id"], "the id of the event is another one"
    return f"verified {event['type']} {event['data']['user']} version {event['data']['version']}"


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        try:
            line, status = verified(body, {name.lower(): value for name, value in self.headers.items()}), 204
        except Exception as error:
            line, status = f"refused: {error!r}", 400
        print(line, flush=True)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver)
print("ready", flush=True)
server.serve_forever()
