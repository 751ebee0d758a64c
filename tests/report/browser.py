"""A browser without a window, which tests ask by the DevTools protocol, through pipes."""

import fcntl
import json
import os
import shutil
import subprocess
from base64 import b64decode
from select import select

__all__ = ["Browser", "find_browser"]

_SECONDS = 60
_INCH_OF_MM = 25.4


def find_browser():
    """Return the path of a Chromium, None if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Browser:
    """A context that runs a Chromium with one page.

    Raises
    ------
    OSError
        If it does not start.
    """

    def __init__(self, path, folder):
        self._path, self._folder = path, folder
        self._n_asked = 0

    def __enter__(self):
        to_read, self._write_end = os.pipe()
        self._read_end, to_write = os.pipe()
        # the browser reads from 3 and writes to 4, whatever numbers the pipes have here
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (to_read, to_write)]

        def take_ends():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        self._process = subprocess.Popen(
            [self._path, *options, f"--user-data-dir={self._folder}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=take_ends,
            pass_fds=(3, 4),
        )
        for end in (to_read, to_write, *ends):
            os.close(end)
        self._received = b""
        self._session = None
        try:
            target = self.ask("Target.createTarget", url="about:blank")["targetId"]
            session = self.ask("Target.attachToTarget", targetId=target, flatten=True)
            self._session = session["sessionId"]
            self.ask("Page.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *of_error):
        self._process.kill()
        self._process.wait()
        os.close(self._write_end)
        os.close(self._read_end)

    def ask(self, method, **parameters):
        """Call a method of the protocol, and return its result."""
        self._n_asked += 1
        message = {"id": self._n_asked, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if answer.get("id") == self._n_asked:
                assert "error" not in answer, answer
                return answer["result"]

    def _next_message(self):
        while b"\0" not in self._received:
            if not select([self._read_end], [], [], _SECONDS)[0]:
                raise OSError("The browser does not answer.")
            part = os.read(self._read_end, 1 << 16)
            if not part:
                raise OSError("The browser has ended.")
            self._received += part
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def open(self, path, *, width=1280, dark=False, media=""):
        """Show a file as a window of so many pixels does, in a light or a dark mode, or paper."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.ask("Page.navigate", url=path.as_uri())
        while self.run("document.readyState + location.protocol") != "completefile:":
            pass

    def run(self, expression):
        """Return the value of a JavaScript expression."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def print(self, width=210, height=297):
        """Return the page as a PDF on paper of so many millimetres."""
        size = {"paperWidth": width / _INCH_OF_MM, "paperHeight": height / _INCH_OF_MM}
        return b64decode(self.ask("Page.printToPDF", **size)["data"])
