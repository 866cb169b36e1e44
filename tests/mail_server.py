"""A small SMTP server on loopback for tests: takes letters, and can refuse them, its users or its TLS."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class MailServer:
    """``letters`` it took, with whom they were for; ``refuses`` maps a verb to the answer it gives instead."""

    port: int = 0
    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    encrypted: list[bool] = field(default_factory=list)


@contextmanager
def a_mail_server(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Offers STARTTLS with a context, and nothing but plain words without."""
    mail = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.secure, to = False, list[str]()
            self.say("220 here")
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb = line.split(":")[0].split(" ")[0].upper()
                if verb in mail.refuses:
                    self.say(mail.refuses[verb])
                elif verb == "EHLO":
                    offers = ["STARTTLS"] if context and not self.secure else ["AUTH PLAIN"]
                    self.say(*[f"250-{offer}" for offer in ["here", *offers]], "250 8BITMIME")
                elif verb == "STARTTLS" and context:
                    self.say("220 go on")
                    self.connection = context.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                    self.secure = True
                elif verb == "AUTH":
                    mail.users.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
                    self.say("235 known")
                elif verb == "RCPT":
                    to.append(line.partition("<")[2].rstrip(">"))
                    self.say("250 yes" if "nobody" not in line else "550 no such user")
                elif verb == "DATA":
                    self.say("354 tell")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    mail.letters.append((to, message_from_bytes(text, policy=default)))
                    mail.encrypted.append(self.secure)
                    self.say(mail.refuses.get("AFTER DATA", "250 taken"))
                else:
                    self.say("221 bye" if verb == "QUIT" else "250 yes")
                    if verb == "QUIT":
                        return

        def finish(self) -> None:
            super().finish()
            self.connection.close()  # after STARTTLS it is another one than the server closes itself

        def say(self, *lines: str) -> None:
            self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
            self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None: ...

    with Server(("127.0.0.1", 0), Handler) as server:
        mail.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield mail
        finally:
            server.shutdown()
            thread.join()
