"""compose.yaml and Dockerfile name only what is there: commands, settings, addresses, ports, secrets, files.

No container engine is needed, and none was at hand: what only an engine can tell is not told here.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
from pathlib import Path
from typing import Any

import prefect.settings
import pytest
import typer.main
import yaml

from insights.cli import app
from insights.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
DOCKER_ENV = dict(re.findall(r"([A-Z_]+)=(\S+)", DOCKERFILE.partition("\nENV ")[2].partition("\nUSER")[0]))


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in service.get("environment", {}).items()}


def flag(command: list[str], name: str) -> str:
    """What a flag of a command line is given."""
    return command[command.index(name) + 1]


def host_port(service: str) -> tuple[str, str, str]:
    """Where the machine itself listens for a service, and the port inside: address, port, port."""
    (published,) = SERVICES[service]["ports"]
    address, outside, inside = published.split(":")
    return address, outside, inside


@pytest.mark.parametrize("name", OURS)
def test_a_command_of_ours_is_one_that_exists(name: str) -> None:
    program, *words = SERVICES[name]["command"]
    if program == "call-insights":
        command: Any = typer.main.get_command(app)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context(name, words)  # refuses words that it does not know
    elif program == "python":
        assert words[0] == "-m" and importlib.util.find_spec(words[1]) and len(words) == 2
    else:
        assert (program, words[:2]) == ("prefect", ["server", "start"])
        from prefect.cli.server import start

        known = inspect.signature(start).parameters
        assert {word.removeprefix("--") for word in words if word.startswith("--")} <= set(known)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_set_is_a_setting(name: str) -> None:
    for variable in {**environment(SERVICES[name]), **(DOCKER_ENV if name in OURS else {})}:
        if variable.startswith("CALL_INSIGHTS_"):
            assert variable.removeprefix("CALL_INSIGHTS_").lower() in Settings.model_fields
        elif variable.startswith("PREFECT_"):
            assert hasattr(prefect.settings, variable)
        else:
            known = {"PGPASSFILE", "PATH", "HOME", "MPLCONFIGDIR", "PYTHONDONTWRITEBYTECODE", "DO_NOT_TRACK"}
            assert variable in known | {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_may_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "network_mode", "pid", "cap_add"}
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+[\w.-]*", service["image"]), "a version is named"
    for published in service.get("ports", ()):
        assert published.startswith("127.0.0.1:"), "others come through a proxy with TLS"


def test_no_password_has_a_default_and_none_stands_in_an_address() -> None:
    secret = re.compile(r"\$\{(\w*(?:PASSWORD|SECRET|TOKEN|KEY|AUTH)\w*)([^}]*)\}")
    assert secret.search(TEXT)
    for name, rest in secret.findall(TEXT):
        assert rest.startswith(":?") or rest == ":-", name  # must be given, or is empty: the page does not exist
    assert not re.search(r"://[^\s/@:]+:[^\s/@]+@", TEXT)


def test_secrets_and_volumes_that_are_used_are_there() -> None:
    for service in SERVICES.values():
        for name in service.get("secrets", ()):
            assert name in COMPOSE["secrets"]
        for mounted in service.get("volumes", ()):
            assert mounted.split(":")[0] in COMPOSE["volumes"] or mounted.startswith("${LEADS")
        for value in environment(service).values():
            if value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        for waited in service.get("depends_on", {}):
            assert "healthcheck" in SERVICES[waited]


def test_the_parts_find_each_other() -> None:
    database = environment(SERVICES["database"])
    for name in ("schedule", "helper", "review"):
        told = environment(SERVICES[name])
        assert told["CALL_INSIGHTS_DATABASE"] == f"postgresql://{database['POSTGRES_USER']}@database/insights"
        port = flag(SERVICES["prefect"]["command"], "--port")
        assert told["PREFECT_API_URL"] == f"http://prefect:{port}/api"
        assert "work:/app/var" in SERVICES[name]["volumes"], "the recordings are in common"
    server = environment(SERVICES["prefect"])
    assert server["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith("insights@database/prefect")
    assert COMPOSE["configs"]["prefect_database"]["content"].strip() == "CREATE DATABASE prefect;"
    for name in ("prefect", "review"):
        _, outside, inside = host_port(name)
        assert flag(SERVICES[name]["command"], "--port") == inside == outside
        assert f"http://127.0.0.1:{inside}/" in json.dumps(SERVICES[name]["healthcheck"])


def test_the_review_app_is_asked_at_an_address_that_it_has() -> None:
    (path,) = re.findall(r"http://127\.0\.0\.1:\d+(/\w+)", json.dumps(SERVICES["review"]["healthcheck"]))
    from insights.web.operate import routes

    assert path in {getattr(route, "path", "") for route in routes.routes}


def test_the_image_copies_what_is_there_and_does_not_run_as_root() -> None:
    (base,) = re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base)
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = [name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()]
    assert sorted(copied) == sorted(let_in)
    for name in copied:
        assert (ROOT / name).exists()
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0 and f"--uid {user}" in DOCKERFILE
    (extras,) = re.findall(r"bash install\.sh ([\w ]+?) &&", DOCKERFILE)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f"\n{extra} = [" in project for extra in extras.split())
