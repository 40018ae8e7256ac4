"""Clusters: records that are linked, directly or by way of others."""

from __future__ import annotations

import numpy as np

from dq.steps.matching.blocks import Codes


class Clusters:
    """Sets of rows that grow together (union-find, the smaller row being the root)."""

    def __init__(self, rows: int) -> None:
        """Begin with every row alone."""
        self._parents = list(range(rows))

    def link(self, left: Codes, right: Codes) -> None:
        """Put each two rows into one cluster."""
        for one, other in zip(left.tolist(), right.tolist(), strict=True):
            a, b = self._root(one), self._root(other)
            if a != b:
                self._parents[max(a, b)] = min(a, b)

    def _root(self, row: int) -> int:
        parents = self._parents
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = parents[row]
        return row

    def labels(self) -> Codes:
        """Return the smallest row of each row's cluster."""
        return np.array([self._root(row) for row in range(len(self._parents))], dtype=np.int64)
