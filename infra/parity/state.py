"""State parity: two applied states, compared after what the cloud generated was replaced by where it stands.

What it skips, each because the cloud makes it up anew:
- generated: ids, ARNs, names with a prefix become the address of their resource, wherever they stand; the attributes
  of GENERATED are left out.
- empty: what is not set is null after an apply and empty after a refresh: null, "", [] and {} are the same.
- rules: a security group also lists its rules, which are resources of their own and compared as such.
- sets: the order of a set says nothing, and follows the generated ids: they are sorted.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmops.infra.parity.plan import common_address, comparable, differences
from llmops.infra.parity.schema import level

# Made by the cloud, and told by no id of ours: default resources of a VPC, time stamps, hashes, addresses.
GENERATED = {
    "arn_suffix",
    "allocation_id",
    "association_id",
    "carrier_ip",
    "create_date",
    "default_network_acl_id",
    "default_route_table_id",
    "default_security_group_id",
    "dhcp_options_id",
    "dns_entry",
    "etag",
    "generated_id",
    "hosted_zone_id",
    "load_balancer_arns",
    "main_route_table_id",
    "network_interface_id",
    "network_interface_ids",
    "private_dns",
    "private_ip",
    "public_dns",
    "public_ip",
    "prefix_list_id",
    "subnet_configuration",
    "unique_id",
    "zone_id",
}
IDENTIFYING = ("arn", "arn_suffix", "id", "key_id", "dns_name", "security_group_rule_id")
LISTED_RULES = ("ingress", "egress")
EMPTY: tuple[Any, ...] = (None, "", [], {})
MIN_LENGTH = 5  # shorter ids, such as a plain name, would be replaced inside other words


def state_differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], known: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
) -> list[str]:
    """What differs between two states (`terraform show -json`), each as a line.

    `known` names, for each side, what was given as an input and differs by nature, such as a certificate.
    """
    left, right = (normalised(state, names) for state, names in zip((ours, theirs), known, strict=True))
    lines = [f"{address}: only in the first" for address in sorted(left.keys() - right.keys())]
    lines += [f"{address}: only in the second" for address in sorted(right.keys() - left.keys())]
    for address in sorted(left.keys() & right.keys()):
        lines += [f"{address} {line}" for line in differences(left[address], right[address])]
    return lines


def normalised(state: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Every resource under its common address, with what was generated replaced."""
    found = {common_address(it["address"]): it for it in _resources(state["values"]["root_module"])}
    names = {**known, **_generated(found)}
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def replaced(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, Mapping):
            return {key: replaced(it) for key, it in value.items()}
        if isinstance(value, list):
            return [replaced(it) for it in value]
        return pattern.sub(lambda match: names[match[0]], value) if isinstance(value, str) else value

    return {
        address: comparable(_sorted_sets(it["type"], replaced(without_empty(_kept(it["type"], it["values"])))))
        for address, it in found.items()
    }


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (it for it in module.get("resources", []) if it["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _generated(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Each generated value, and the words that stand for it."""
    names: dict[str, str] = {}
    for address, it in found.items():
        values = it["values"]
        of_prefix = [name for name in ("name", "bucket") if values.get(f"{name}_prefix")]
        for attribute in (*IDENTIFYING, *of_prefix):
            value = values.get(attribute)
            if isinstance(value, str) and len(value) >= MIN_LENGTH:
                names.setdefault(value, f"<{address} {'id' if attribute == 'key_id' else attribute}>")
    return names


def without_empty(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Mappings and lists without what is null or empty, all the way down."""
    if isinstance(value, Mapping):
        return {key: kept for key, it in value.items() if (kept := without_empty(it)) not in EMPTY}
    if isinstance(value, list):
        return [kept for it in value if (kept := without_empty(it)) not in EMPTY]
    return value


def _kept(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {*GENERATED, *LISTED_RULES} if kind == "aws_security_group" else GENERATED
    kept = {name: it for name, it in values.items() if name not in left_out or (name == "zone_id" and "ttl" in values)}
    if isinstance(kept.get("user_data"), str):
        kept["user_data"] = _decoded(kept["user_data"])
    return kept


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _sorted_sets(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    told = level(kind)
    for name, value in values.items():
        if (
            told is not None
            and isinstance(value, list)
            and name in told.told["attributes"]
            and told.kind(name)[0] == "set"
        ):
            values[name] = sorted(value, key=lambda it: json.dumps(it, sort_keys=True))
    return values
