"""Plan parity: two plans of Terraform, compared by values, by what is unknown, and by what refers to what.

What it cannot see, each with the test that does:
- count: a reference to a resource that is not made (count 0) is none. The plan lists what is made on either side.
- index: a counted resource has one expression for all its instances, so that only the resource is compared, not the
  index. State parity.
- splat: `x[*].id` is told as `x`, without the attribute. State parity.
- dynamic: references inside dynamic blocks are not told; the module has none there (a test says so).
- lifecycle: `ignore_changes` is not told; the captured graph and the text of the module are compared.
- unknown: a value that is made from unknown ones (a policy, user data) is only compared as unknown, with what it
  refers to. State parity.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

ORDERED = {"override"}  # lists of blocks whose order means something; the others are sets
REFERENCE = re.compile(r"(?P<type>aws_\w+)\.(?P<name>\w+)(?:\[[^\]]*\])?(?:\.(?P<attribute>\w+))?")

Reference = tuple[str, str | None]  # of a resource without its index; None is any attribute


def plan_differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """What differs between two plans (`terraform show -json`), each as a line; none where they are the same."""
    left, right = resources(ours), resources(theirs)
    lines = [f"{address}: only in the first" for address in sorted(left.keys() - right.keys())]
    lines += [f"{address}: only in the second" for address in sorted(right.keys() - left.keys())]
    for address in sorted(left.keys() & right.keys()):
        one, other = left[address], right[address]
        for facet in ("values", "unknown"):
            lines += [f"{address} {facet} {line}" for line in differences(one[facet], other[facet])]
        lines += [f"{address} references {line}" for line in _reference_differences(one, other)]
    one, other = (_known_outputs(plan["planned_values"].get("outputs", {})) for plan in (ours, theirs))
    lines += [f"outputs {line}" for line in differences(one, other)]
    return lines


def resources(plan: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every planned resource under its common address, with values, unknowns and references."""
    unknown = {it["address"]: it["change"].get("after_unknown", {}) for it in plan.get("resource_changes", [])}
    expressions = dict(_expressions(plan["configuration"]["root_module"], ""))
    all_planned = list(_planned(plan["planned_values"]["root_module"]))
    made = {resource_name(planned["address"]) for planned in all_planned}
    found = {}
    for planned in all_planned:
        address = planned["address"]
        found[common_address(address)] = {
            "values": comparable(planned.get("values", {})),
            "unknown": comparable(without_false(unknown.get(address, {}))),
            "references": _of_made(expressions[re.sub(r"\[[^\]]*\]", "", address)], made),
        }
    return found


def common_address(address: str) -> str:
    """`module.x.aws_subnet.private[0]` and `aws_subnet.private_0` as `aws_subnet.private-0`."""
    without_module = re.sub(r"^(module\.\w+\.)+", "", address)
    indexed = re.sub(r'\[(?:"([^"]*)"|(\d+))\]', lambda m: f"-{m[1] or m[2]}", without_module)
    kind, _, name = indexed.partition(".")
    return f"{kind}.{name.replace('_', '-')}"


def resource_name(address: str) -> str:
    """The resource of an address, without module and index."""
    without_module = re.sub(r"^(module\.\w+\.)+", "", address)
    return without_index(re.sub(r"\[[^\]]*\]", "", without_module))


def comparable(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """JSON inside strings read, blocks in one order."""
    if isinstance(value, Mapping):
        return {key: comparable(it, key) for key, it in value.items()}
    if isinstance(value, list):
        items = [comparable(it) for it in value]
        blocks = name not in ORDERED and all(isinstance(it, Mapping) for it in items)
        return sorted(items, key=lambda it: json.dumps(it, sort_keys=True)) if blocks else items
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return comparable(json.loads(value))
        except ValueError:
            return value
    return value


def without_false(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """`after_unknown` without what is known: it tells false, empty lists and empty mappings at random."""
    if isinstance(value, Mapping):
        return {key: kept for key, it in value.items() if (kept := without_false(it))}
    if isinstance(value, list):
        return [without_false(it) for it in value] if any(without_false(it) for it in value) else []
    return value


def differences(one: Any, other: Any, path: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """The innermost places where two values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = sorted({*one, *other})
        return [line for key in keys for line in differences(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for number, (a, b) in pairs for line in differences(a, b, f"{path}[{number}]")]
    return [] if one == other else [f"{path}: {json.dumps(one)} / {json.dumps(other)}"]


def _planned(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (it for it in module.get("resources", []) if it["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _planned(child)


def _expressions(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, set[Reference]]]]:
    for it in module.get("resources", []):
        yield f"{prefix}{it['address']}", dict(_references(it.get("expressions", {}), ""))
    for name, call in module.get("module_calls", {}).items():
        yield from _expressions(call["module"], f"{prefix}module.{name}.")


def _references(told: Any, path: str) -> Iterator[tuple[str, set[Reference]]]:  # noqa: ANN401 - any JSON
    if isinstance(told, list):
        merged: dict[str, set[Reference]] = {}
        for it in told:
            for place, found in _references(it, path):
                merged.setdefault(place, set()).update(found)
        yield from merged.items()
    elif isinstance(told, Mapping) and "references" in told:
        yield path, _specific(told["references"])
    elif isinstance(told, Mapping) and "constant_value" not in told:
        for key, it in told.items():
            yield from _references(it, f"{path}.{key}".lstrip("."))


def _specific(names: list[str]) -> set[Reference]:
    """Each reference once, with its attribute where one is told: Terraform tells `a.b.c` as `a.b.c` and as `a.b`."""
    found: set[Reference] = set()
    for name in names:
        match = REFERENCE.match(name)
        if match:
            found.add((f"{match['type']}.{without_index(match['name'])}", match["attribute"]))
    told = {resource for resource, attribute in found if attribute}
    return {(resource, attribute) for resource, attribute in found if attribute or resource not in told}


def without_index(name: str) -> str:
    return re.sub(r"_\d+$", "", name)


def _of_made(told: Mapping[str, set[Reference]], made: set[str]) -> dict[str, set[Reference]]:
    kept = {path: {it for it in found if it[0] in made} for path, found in told.items()}
    return {path: found for path, found in kept.items() if found}


def _reference_differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    left, right = one["references"], other["references"]
    lines = []
    for path in sorted({*left, *right}):
        a, b = left.get(path, set()), right.get(path, set())
        if not (_matched(a, b) and _matched(b, a)):
            lines.append(f"{path}: {sorted(map(_shown, a))} / {sorted(map(_shown, b))}")
    return lines


def _matched(wanted: set[Reference], given: set[Reference]) -> bool:
    return all(
        any(resource == it and (None in {attribute, attr} or attribute == attr) for it, attr in given)
        for resource, attribute in wanted
    )


def _shown(reference: Reference) -> str:
    return ".".join(filter(None, reference))


def _known_outputs(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: it.get("value") for name, it in outputs.items()}
