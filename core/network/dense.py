"""The dense network that learns: a table's own, or the head on a frozen backbone."""

from __future__ import annotations

from core.network.image_shapes import head_of
from core.network.pretrained import PRETRAINED
from core.spec import ImageNetworkSpec, NetworkSpec


def dense_network(network: NetworkSpec | ImageNetworkSpec) -> NetworkSpec:
    """What trains as a part of a stack; raises `UserError` where a layer needs images."""
    return network if isinstance(network, NetworkSpec) else head_of(network)


def dense_inputs(network: ImageNetworkSpec) -> int:
    """Features that a frozen backbone gives for each picture; 0 where the network sees the pictures themselves."""
    return PRETRAINED[network.backbone].features if network.frozen else 0
