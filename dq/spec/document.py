"""A specification that was read: the models, and where everything in them was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dq.spec.model import Spec
from dq.spec.nodes import Places


@dataclass(frozen=True, slots=True)
class Document:
    """A valid specification.

    `spec` and `places` are those of the whole: where the file extends another, both are merged and a place
    names the file that holds the text.  `file` is the name as given, `text` what this file holds, `root` the
    folder that paths are relative to, `parents` the specs that it extends, nearest first.

    A draft is what is left of a spec that is refused, so that the rest of its mistakes can be found, too; `lost` are
    the fields that were taken out of it.  `shared` are the files of shared definitions, as they
    are named, that it or a parent refers to.
    """

    spec: Spec
    places: Places
    file: str
    text: str
    root: Path
    parents: tuple[Document, ...] = ()
    draft: bool = False
    lost: frozenset[str] = frozenset()
    shared: tuple[str, ...] = ()

    @property
    def texts(self) -> Mapping[str, str]:
        """Return the text of this file and of its parents by name, as `dq.catalog.render` wants them."""
        return {document.file: document.text for document in (*reversed(self.parents), self)}
