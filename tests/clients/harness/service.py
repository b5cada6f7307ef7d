"""The real binary on a port of its own over a fresh database, and its commands beside it."""

import json
import os
import subprocess
import uuid

BINARY = os.environ["HANDOVER_BINARY"]
PATIENCE = 60  # seconds, for what takes a moment on an idle machine


class Service:
    def __init__(self, database, log, *flags, environment=None):
        self.database = database
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [BINARY, "serve", "--database-url", database, "--listen", "127.0.0.1:0", "--hash", "token", *flags],
                env=_environment() | (environment or {}),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        line = self._process.stdout.readline()
        assert "listening on http://" in line, f"serve ends: {log.read_text()}"
        self.url = line.split("listening on ")[1].split()[0]

    def endpoint(self, project, version="v3"):
        return f"{self.url}/{version}/{project}"

    def command(self, *words, given=None):
        """What a command of the binary's prints; it must succeed."""
        done = subprocess.run(
            [BINARY, *words, "--database-url", self.database],
            env=_environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def volume(self, project="alpha", **fields):
        """Loads a volume, for what no client can make; its id."""
        volume = {"id": str(uuid.uuid4()), "project_id": project, "size": 1, **fields}
        self.command("import", "-", given=json.dumps({"volumes": [volume]}))
        return volume["id"]

    def stored(self, volume_id):
        """A volume as it is stored, whatever the API says of it."""
        volumes = json.loads(self.command("export"))["volumes"]
        return next(volume for volume in volumes if volume["id"] == volume_id)

    def owner(self, volume_id):
        """Whose a volume is, and how it is."""
        volume = self.stored(volume_id)
        return volume["project_id"], volume["status"]

    def log(self):
        return self._log.read_text()

    def stop(self):
        """Asks it to end, and proves every invariant of what it leaves."""
        self._process.terminate()
        assert self._process.wait(PATIENCE) == 0, self.log()
        self.command("check")


def _environment():
    """Without what would be a setting."""
    return {"PATH": os.environ["PATH"]}
