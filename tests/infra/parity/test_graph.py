"""A graph goes into JSON and comes back."""

import json

from llmops.infra.parity.graph import Call, Graph, Node


def test_there_and_back() -> None:
    node = Node("urn:a", "aws:ec2/vpc:Vpc", "a", "aws_vpc", "", {"cidrBlock": "x"}, ["urn:b"], ["tags"])
    component = Node("urn:c", "llmops:infra:X", "c", None, "", {}, [], [])
    graph = Graph([node, component], [Call("call_0", "aws_region", {})], {"out": 1})
    assert Graph.from_json(json.loads(json.dumps(graph.as_json()))) == graph
    assert [it.address for it in graph.resources()] == ["aws_vpc.a"]
