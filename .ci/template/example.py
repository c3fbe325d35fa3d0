"""Reads samconfig.example.toml as SAM reads a samconfig.toml, and holds its values against the parameters of template.yaml."""

import re
import sys
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType
from samcli.lib.config.samconfig import SamConfig
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
# What a deployment fails without, and the page without which no flow of a back end ends well.
NEEDED = {"JwtIssuer", "JwtAudience", "ReturnToAllowlist"}

settings = SamConfig(str(ROOT), "samconfig.example.toml").get_all(["deploy"], "parameters", env="default")
given = CfnParameterOverridesType().convert(settings["parameter_overrides"], None, None)
parameters = yaml_parse((ROOT / "template.yaml").read_text())["Parameters"]

faults = [f"{name} is no parameter" for name in given if name not in parameters]
faults += [f"{name} is missing" for name in NEEDED - given.keys()]
faults += [
    f"{name} does not match {parameters[name]['AllowedPattern']}"
    for name, value in given.items()
    if not re.fullmatch(parameters.get(name, {}).get("AllowedPattern", ".*"), value)
]
for fault in faults:
    print(f"samconfig.example.toml: {fault}", file=sys.stderr)
if not faults:
    print(f"samconfig.example.toml: {len(given)} values fit")
sys.exit(bool(faults))
