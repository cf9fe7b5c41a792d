"""A mail server on this machine that keeps what it is sent."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType


class MailServer:
    """`with MailServer() as mail:` its address is `mail.url`; `mail.messages` came in.

    `refuses` is a command that it answers with an error, such as RCPT, and `says` the error.
    """

    def __init__(self, refuses: str = "", says: str = "550 no") -> None:
        self.messages: list[EmailMessage] = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 ready\r\n")
                while line := self.rfile.readline():
                    command = (
                        line.split()[0].decode().partition(":")[0].upper() if line.split() else ""
                    )
                    if command == refuses:
                        self.wfile.write(f"{says}\r\n".encode())
                    elif command == "DATA":
                        self.wfile.write(b"354 go on\r\n")
                        outer.messages.append(self._message())
                        self.wfile.write(b"250 kept\r\n")
                    else:
                        self.wfile.write(b"250 well\r\n")
                    if command == "QUIT":
                        return

            def _message(self) -> EmailMessage:
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line)
                return message_from_bytes(b"".join(lines), policy=policy.default)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"smtp://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "MailServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
