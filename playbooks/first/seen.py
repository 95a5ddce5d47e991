"""What can be seen of a project without asking anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Upstream:
    """A provider, as the gateway's configuration names it."""

    url: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What was found, each with where."""

    project: str
    project_from: str = ""
    owner: str = ""
    owner_from: str = ""
    region: str = ""
    region_from: str = ""
    gateway: str = ""  # the file
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)  # file to log format
    templates: str = ""  # a folder
    metrics: Mapping[str, str] = field(default_factory=dict)  # of results that are there, to the file
    passed_over: Sequence[str] = ()  # what could not be told, in words

    def told(self) -> list[str]:
        """In lines, for whoever ran the command."""
        lines = [f"project {self.project}: {self.project_from}"]
        lines += [f"owner {self.owner}: {self.owner_from}"] if self.owner else []
        lines += [f"region {self.region}: {self.region_from}"] if self.region else []
        lines += [f"usage log {file}: {log_format}" for file, log_format in self.logs.items()]
        lines += [f"provider {name} at {each.url}: {self.gateway}" for name, each in self.upstreams.items()]
        lines += [f"templates of your own: {self.templates}"] if self.templates else []
        lines += [f"results: {', '.join(dict.fromkeys(self.metrics.values()))}"] if self.metrics else []
        return [*lines, *self.passed_over]
