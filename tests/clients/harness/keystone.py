"""A real Keystone on SQLite, in a folder and on a port of its own, made from nothing in some seconds."""

import getpass
import grp
import os
import socket
import subprocess
import sys
import time
import uuid

import openstack

from .cli import PROGRAMS, clean_environment
from .service import PATIENCE

PASSWORD = "a-password-of-no-worth"
SETTINGS = """
[database]
connection = sqlite:///{folder}/keystone.db
[fernet_tokens]
key_repository = {folder}/keys
[fernet_receipts]
key_repository = {folder}/keys
[cache]
enabled = false
[identity]
password_hash_rounds = 4
"""
SERVE = """
import sys
port = int(sys.argv.pop())  # Keystone reads what is left
from keystone.wsgi.api import application
from werkzeug.serving import run_simple
run_simple("127.0.0.1", port, application, threaded=True)
"""


class Keystone:
    def __init__(self, folder):
        self._log = folder / "log"
        settings = folder / "keystone.conf"
        settings.write_text(SETTINGS.format(folder=folder))
        (folder / "keys").mkdir(mode=0o700)
        with socket.socket() as any_port:
            any_port.bind(("127.0.0.1", 0))
            port = any_port.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v3"
        environment = clean_environment(folder) | {"OS_KEYSTONE_CONFIG_FILES": str(settings)}
        whole = ["--bootstrap-password", PASSWORD, "--bootstrap-public-url", self.url, "--bootstrap-region-id", "identity"]
        ours = ["--keystone-user", getpass.getuser(), "--keystone-group", grp.getgrgid(os.getgid()).gr_name]
        with self._log.open("w") as log:
            for words in (["db_sync"], ["fernet_setup", *ours], ["bootstrap", *whole]):
                manage = [PROGRAMS / "keystone-manage", "--config-file", settings, *words]
                subprocess.run(manage, env=environment, stdout=log, stderr=log, timeout=PATIENCE, check=True)
            serve = [sys.executable, "-c", SERVE, str(port)]
            self._process = subprocess.Popen(serve, env=environment, cwd=folder, stdout=log, stderr=log)
        self._wait(port)
        self.admin = self.connect("admin", "admin", region="identity").identity
        service = self.project("service")
        self.user("handover", service, "service")

    def _wait(self, port):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self._process.poll() is None, self._log.read_text()
            with socket.socket() as ours:
                if ours.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError(self._log.read_text())

    def flags(self):
        """What a service is told of it."""
        account = ["--keystone-user=handover", f"--keystone-password={PASSWORD}", "--keystone-project=service"]
        return ["--auth=keystone", f"--keystone-url={self.url}", *account]

    def project(self, name):
        return self.admin.create_project(name=name, domain_id="default")

    def user(self, name, project, *roles):
        user = self.admin.create_user(name=name, password=PASSWORD, domain_id="default")
        for role in roles:
            self.admin.assign_project_role_to_user(project, user, self.admin.find_role(role))
        return user

    def region(self, service):
        """Puts a service into the catalogue, in a region of its own."""
        region = f"region-{uuid.uuid4().hex}"
        self.admin.create_region(id=region)
        volumes = self.admin.find_service("handover") or self.admin.create_service(name="handover", type="volumev3")
        for of, url in ((volumes, f"{service.url}/v3/%(project_id)s"), (self.admin.find_service("keystone"), self.url)):
            self.admin.create_endpoint(service_id=of.id, interface="public", region_id=region, url=url)
        return region

    def settings(self, user, project, region):
        """The environment in which a client of OpenStack is a user on a project."""
        return {
            "OS_AUTH_URL": self.url,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_USERNAME": user,
            "OS_PASSWORD": PASSWORD,
            "OS_PROJECT_NAME": project,
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": region,
        }

    def connect(self, user, project, region):
        """The same as a connection of openstacksdk's."""
        who = {"username": user, "password": PASSWORD, "project_name": project}
        domains = {"user_domain_name": "Default", "project_domain_name": "Default"}
        auth = who | domains | {"auth_url": self.url}
        return openstack.connect(load_yaml_config=False, load_envvars=False, auth=auth, region_name=region)

    def stop(self):
        self._process.terminate()
        self._process.wait(PATIENCE)
