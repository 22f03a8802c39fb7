"""Passes requests on to a worker and notes what was said: what real clients send is where the fuzzing begins.

Usage: recorder.py WORKER_URL FILE. Prints its own address, and goes on until it is ended. Each line of the file is a
JSON document: the request's method, path, query and body (in hexadecimal), and the ids that the answer named.

Of requests below /withheld/NAME, a POST to /v1/NAME is noted and not passed on, so that the worker has not seen it.
"""

import http.client
import http.server
import json
import re
import sys
import threading
import urllib.parse

WITHHELD = re.compile("/withheld/([a-z]+)(/.*)")
ID = re.compile(rb"0x[0-9a-f]{64}")
# Headers that are between two neighbours (RFC 9110, 7.6.1), or that are made anew.
OWN = {"connection", "content-length", "host", "keep-alive", "te", "transfer-encoding", "upgrade"}

worker = urllib.parse.urlsplit(sys.argv[1])
notes = open(sys.argv[2], "w", encoding="ascii")
one_at_a_time = threading.Lock()


class Recorder(http.server.BaseHTTPRequestHandler):
    """HTTP/1.0 towards the client: an answer ends with its connection, so streams need no framing."""

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if withheld := WITHHELD.fullmatch(self.path):
            self.path = withheld[2]
            if self.command == "POST" and self.path.startswith(f"/v1/{withheld[1]}"):
                self.note(body, b"")
                return self.send_error(503)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
        upstream = http.client.HTTPConnection(worker.hostname, worker.port)
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN:
                self.send_header(name, value)
        self.end_headers()
        stream = answer.getheader("Content-Type") == "text/event-stream"
        said = b""
        if stream:
            self.note(body, said)
        while part := answer.read1(65536):
            self.wfile.write(part)
            said = b"" if stream else said + part
        if not stream:
            self.note(body, said)

    do_GET = do_POST = do

    def note(self, body, said):
        path = urllib.parse.urlsplit(self.path)
        ids = sorted({id.decode() for id in ID.findall(said)})
        noted = {"method": self.command, "path": path.path, "query": path.query, "body": body.hex(), "ids": ids}
        with one_at_a_time:
            notes.write(json.dumps(noted) + "\n")
            notes.flush()

    def log_message(self, *_):
        """Nothing is said of each request."""


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
server.daemon_threads = True
# Clients may go in the middle of a stream.
server.handle_error = lambda *_: None
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
