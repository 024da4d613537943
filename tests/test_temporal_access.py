"""A Temporal that wants TLS, a client's certificate and an API key: the settings that give them, and what it
looks like without one."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from invariants import row
from local.parts import answers
from local.ports import free_ports
from local.settings import SERVICES
from shop import Shop, wait_until

pytestmark = pytest.mark.shop

NAME = "temporal.test"
"""The server's, in its certificate."""
TEMPORAL_SERVICES = ["frontend", "internal-frontend", "history", "matching", "worker"]
PERMISSIONS = ["default:admin", "temporal-system:admin"]


def openssl(*arguments: object, given: bytes = b"") -> bytes:
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """Who is believed: signs certificates, and keys of the API."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "empty.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
        self.certificate("ca", "basicConstraints=critical,CA:TRUE", [])
        signed = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.key"]
        self.certificate("server", f"subjectAltName=DNS:{NAME},IP:127.0.0.1", signed)
        self.certificate("client", "subjectAltName=DNS:client.test", signed)
        self.certificate("stranger", "basicConstraints=critical,CA:TRUE", [])
        openssl("genrsa", "-out", folder / "api.key", "2048")
        modulus = openssl("rsa", "-in", folder / "api.key", "-noout", "-modulus").decode().strip()
        n = bytes.fromhex(modulus.partition("=")[2])
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "test", "n": urlsafe(n), "e": "AQAB"}
        (folder / "keys.json").write_text(json.dumps({"keys": [key]}))

    def certificate(self, name: str, extension: str, signed: list[object]) -> None:
        made = ["-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem"]
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        options = ["-config", self.folder / "empty.cnf", "-subj", f"/CN={name}", "-addext", extension]
        openssl("req", "-x509", "-days", "2", *curve, *options, *signed, *made)

    def api_key(self, permissions: list[str]) -> str:
        claims = {"sub": "shop", "permissions": permissions, "exp": int(time.time()) + 3600}
        header = {"alg": "RS256", "typ": "JWT", "kid": "test"}
        told = ".".join(urlsafe(json.dumps(part).encode()) for part in (header, claims))
        signed = openssl("dgst", "-sha256", "-sign", self.folder / "api.key", given=told.encode())
        return f"{told}.{urlsafe(signed)}"

    def of_the_server(self) -> dict[str, str]:
        certificate, key = str(self.folder / "server.pem"), str(self.folder / "server.key")
        authority = str(self.folder / "ca.pem")
        return {
            "TEMPORAL_TLS_REQUIRE_CLIENT_AUTH": "true",
            "TEMPORAL_TLS_FRONTEND_CERT": certificate,
            "TEMPORAL_TLS_FRONTEND_KEY": key,
            "TEMPORAL_TLS_FRONTEND_SERVER_NAME": NAME,
            "TEMPORAL_TLS_CLIENT1_CA_CERT": authority,
            "TEMPORAL_TLS_CLIENT2_CA_CERT": authority,
            "TEMPORAL_TLS_SERVER_CERT": certificate,
            "TEMPORAL_TLS_SERVER_KEY": key,
            "TEMPORAL_TLS_SERVER_CA_CERT": authority,
            "TEMPORAL_TLS_INTERNODE_SERVER_NAME": NAME,
            "TEMPORAL_JWT_KEY_SOURCE1": f"file://{self.folder}/keys.json",
            "TEMPORAL_AUTH_AUTHORIZER": "default",
            "TEMPORAL_AUTH_CLAIM_MAPPER": "default",
        }

    def of_a_service(self) -> dict[str, str]:
        return {
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(self.folder / "ca.pem"),
            "TEMPORAL_TLS_SERVER_NAME": NAME,
            "TEMPORAL_TLS_CLIENT_CERT_PATH": str(self.folder / "client.pem"),
            "TEMPORAL_TLS_CLIENT_KEY_PATH": str(self.folder / "client.key"),
            "TEMPORAL_API_KEY": self.api_key(PERMISSIONS),
        }


def inner_frontend() -> dict[str, str]:
    """Through which the server's own workers come, who have no key."""
    ports = dict(zip(("GRPC", "MEMBERSHIP", "HTTP"), map(str, free_ports(3))))
    settings = {f"INTERNAL_FRONTEND_{name}_PORT": port for name, port in ports.items()}
    return settings | {"USE_INTERNAL_FRONTEND": "true"}


def urlsafe(what: bytes) -> str:
    return base64.urlsafe_b64encode(what).rstrip(b"=").decode()


class GuardedShop(Shop):
    """Temporal with all of that before it; of the services only those that a test starts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "shop", DELIVERY_TIME_SCALE="0", PAYMENT_FAILURE_RATE="0")
        self.authority = Authority(folder)

    def __enter__(self) -> GuardedShop:
        try:
            self.start("temporal")
            self.wait_ready("temporal")  # and the namespace is there
            assert self.stop("temporal") == 0
            server = self.parts["temporal"]
            environment = server.environment | self.authority.of_the_server() | inner_frontend()
            command = [*server.command, *(f"--service={name}" for name in TEMPORAL_SERVICES)]
            self.parts["temporal"] = replace(
                server, command=command, environment=environment, ready=self.answers_a_client
            )
            self.start("temporal")
            self.wait_ready("temporal")
        except BaseException:
            self._kill_all()
            raise
        return self

    def answers_a_client(self) -> bool:
        folder = self.authority.folder
        context = ssl.create_default_context(cafile=folder / "ca.pem")
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
        http_port = self.settings.temporal.http
        connection = http.client.HTTPSConnection("127.0.0.1", http_port, timeout=2, context=context)
        try:
            key = self.authority.api_key(PERMISSIONS)
            path = f"/api/v1/namespaces/{self.settings.namespace}/workflows?pageSize=1"
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def start_services(self, environment: dict[str, str], *names: str) -> None:
        """Again, where they run."""
        for name in names:
            self.stop(name)
            part = self.parts[name]
            live = partial(answers, self.settings.ports[name], "/livez")
            kept = {k: v for k, v in part.environment.items() if not k.startswith("TEMPORAL_TLS")}
            kept.pop("TEMPORAL_API_KEY", None)
            self.parts[name] = replace(part, environment=kept | environment, ready=live)
        self.start(*names)
        self.wait_ready(*names)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedShop]:
    with GuardedShop(tmp_path_factory.mktemp("guarded")) as shop:
        yield shop


def test_with_certificate_and_key_the_shop_works(guarded: GuardedShop) -> None:
    guarded.start_services(guarded.authority.of_a_service(), *SERVICES)
    for name in SERVICES:
        wait_until(
            lambda name=name: guarded.get(name, "/readyz").status == 200,
            30,
            lambda name=name: f"{name}: {guarded.get(name, '/readyz').body}",
        )
    assert guarded.place("order-1").status == 200
    assert guarded.ended("order-1") == "COMPLETED"
    assert row(guarded, "payment", "/payments/order-1")["state"] == "CAPTURED"
    told = b"".join(part.log.read_bytes() for part in guarded.parts.values() if part.name in SERVICES)
    assert guarded.authority.of_a_service()["TEMPORAL_API_KEY"].split(".")[2].encode() not in told


UNKNOWN = "invalid peer certificate: UnknownIssuer"
UNAUTHORIZED = "PermissionDenied: Request unauthorized."


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (["TEMPORAL_API_KEY"], UNAUTHORIZED),
        (["TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH"], "answered GetSystemInfo with"),
        (["TEMPORAL_TLS_SERVER_CA_CERT_PATH"], UNKNOWN),
    ],
)
def test_without_one_of_them_the_reason_is_told(guarded: GuardedShop, missing: list[str], reason: str) -> None:
    given = guarded.authority.of_a_service()
    check_refused(guarded, {name: value for name, value in given.items() if name not in missing}, reason)


def test_a_key_for_another_namespace_is_refused(guarded: GuardedShop) -> None:
    key = guarded.authority.api_key(["elsewhere:admin"])
    check_refused(guarded, guarded.authority.of_a_service() | {"TEMPORAL_API_KEY": key}, UNAUTHORIZED)


def test_another_authority_is_not_believed(guarded: GuardedShop) -> None:
    path = str(guarded.authority.folder / "stranger.pem")
    environment = guarded.authority.of_a_service() | {"TEMPORAL_TLS_SERVER_CA_CERT_PATH": path}
    check_refused(guarded, environment, UNKNOWN)


def check_refused(shop: GuardedShop, environment: dict[str, str], reason: str) -> None:
    log = shop.parts["payment"].log
    told = len(log.read_text())
    shop.start_services(environment, "payment")
    wait_until(lambda: reason in log.read_text()[told:], 20, lambda: f"{reason}: {log.read_text()[told:]}")
    ready = shop.get("payment", "/readyz")
    assert (ready.status, ready.json()["dependencies"]["worker"]) == (503, "DOWN"), ready
