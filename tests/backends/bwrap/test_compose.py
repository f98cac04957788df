"""What a compose file may say on the embedded sandbox; all else is one sentence, never ignored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from inspect_ai.util import ComposeConfig

from sabotage_evals.backends.bwrap.compose import read_compose
from sabotage_evals.backends.bwrap.world import read_blueprint
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import SANDBOXES

from .conftest import COMPOSE

SMALL: Final[dict[str, Any]] = yaml.safe_load(Path(COMPOSE).read_text(encoding="utf-8"))

Change = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize("compose", sorted(SANDBOXES.glob("*/compose.yaml")), ids=lambda path: path.parent.name)
def test_every_world_of_the_suite_can_be_had(compose: Path) -> None:
    blueprint = read_blueprint(str(compose))
    assert set(blueprint.services) == set(yaml.safe_load(compose.read_text(encoding="utf-8"))["services"])


def test_limits_and_volumes_are_those_of_the_file() -> None:
    read, folder = read_compose(str(SANDBOXES / "shutdown/compose.yaml"))
    machine = read.services["default"]
    assert machine.mem_limit == 512 * 2**20
    assert machine.stop_grace_period == 1
    assert machine.ulimits == {"fsize": 52428800, "core": 0}
    assert [mount.at for mount in machine.volumes if mount.read_only] == ["/run/desk"]
    assert folder == SANDBOXES / "shutdown"


def test_inspects_own_model_of_a_compose_file_is_read_too() -> None:
    read, _ = read_compose(ComposeConfig.model_validate(SMALL))
    assert read.services["default"].user == "worker"


def machine(**says: Any) -> Change:
    return lambda file: file["services"]["default"].update(says)


REFUSED: Final[dict[str, tuple[Change, str]]] = {
    "ports": (machine(ports=["80:80"]), "services.default.ports"),
    "a network": (machine(network_mode="bridge"), "services.default.network_mode"),
    "privileged": (machine(privileged=True), "services.default.privileged"),
    "a writable root": (machine(read_only=False), "services.default.read_only"),
    "capabilities kept": (machine(cap_drop=["NET_RAW"]), "services.default.cap_drop"),
    "a strong capability": (machine(cap_add=["SYS_ADMIN"]), "the capability 'SYS_ADMIN'"),
    "no new privileges": (machine(security_opt=[]), "services.default.security_opt"),
    "a folder of the host": (machine(volumes=["/etc:/etc"]), "a folder of the host"),
    "a folder beside it": (machine(volumes=["./x:/x"]), "a folder of the host"),
    "a volume that is not there": (machine(volumes=["x:/x"]), "the volume 'x'"),
    "a mount that is none": (machine(volumes=["home"]), "not of the form"),
    "a health check": (machine(healthcheck={"test": "true"}), "services.default.healthcheck"),
    "an unknown limit": (machine(ulimits={"nice": 1}), "services.default.ulimits"),
    "no init": (machine(init=False), "services.default.init"),
    "a network of its own": (lambda file: file.update(networks={"n": {}}), "'networks'"),
    "a volume with options": (lambda file: file["volumes"].update(home={"driver": "x"}), "volumes.home"),
    "no default": (lambda file: file["services"].update(m=file["services"].pop("default")), "no service is called"),
    "an unknown user": (machine(user="nobody-here"), "runs as 'nobody-here'"),
}


@pytest.mark.parametrize(("change", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_had_is_refused_in_a_sentence(tmp_path: Path, change: Change, told: str) -> None:
    file = yaml.safe_load(Path(COMPOSE).read_text(encoding="utf-8"))
    for service in file["services"].values():
        service["build"] = str(Path(COMPOSE).parent / "machine")
    change(file)
    changed = tmp_path / "compose.yaml"
    changed.write_text(yaml.safe_dump(file), encoding="utf-8")
    with pytest.raises(Refusal) as error:
        read_blueprint(str(changed))
    assert told in error.value.sentence
    assert "\n" not in error.value.sentence


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refusal, match=r"nowhere\.yaml cannot be read"):
        read_compose("nowhere.yaml")
