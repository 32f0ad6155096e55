"""What a pack says about itself, in English and in French, to somebody who has never heard of us."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = """\
EVIDENCE PACK OF A CONTRACT

contract.json      the contract as a record, without its events
log.jsonl          its events, one a line, each tied to the one before by SHA-256
head.json          the number of entries and the hash of the last one
documents.json     its documents: name, version, SHA-256; "included" says which lie in documents/
documents/         documents, each named by its own SHA-256
certificates.json  the signature certificates in certificates/, by name
manifest.json      every file with its size and SHA-256

HOW TO CHECK IT

1. The SHA-256 of each file is the one in manifest.json, and each document's is its own name.
2. For each line of log.jsonl, take away "hash" and "open", write the rest as JSON with sorted keys, no
   spaces and UTF-8 letters, put "clmcrm.proof/1 entry" and a line feed before it: its SHA-256 is "hash".
   "previous" is the "hash" of the line before. "n" counts from 0.
3. The first "previous" is the SHA-256 of "clmcrm.proof/1 genesis", a line feed and
   {"contract":...,"tenant":...}.
4. Each name in "open" belongs to a fingerprint in "sealed": the SHA-256 of "clmcrm.proof/1 part", a line
   feed, the 32 bytes of "salt" and the "value" as JSON. A part that is in "sealed" only was erased, and
   a later line with "erasure" says so.
5. Compare head.json with a head you received EARLIER, or from somebody else. Without one, nobody can tell
   whether the end was cut off or everything was written anew.

With the program: clmcrm verify PACK.zip --head HEAD.json
"""

_FRENCH: Final = """\
DOSSIER DE PREUVE D'UN CONTRAT

contract.json      le contrat, sans ses événements
log.jsonl          ses événements, un par ligne, chacun lié au précédent par SHA-256
head.json          le nombre d'entrées et l'empreinte de la dernière
documents.json     ses documents : nom, version, SHA-256 ; « included » dit lesquels sont dans documents/
documents/         les documents, chacun nommé par son propre SHA-256
certificates.json  les certificats de signature de certificates/, par nom
manifest.json      chaque fichier avec sa taille et son SHA-256

COMMENT LE VÉRIFIER

1. Le SHA-256 de chaque fichier est celui de manifest.json, et celui de chaque document est son nom.
2. Pour chaque ligne de log.jsonl, ôtez « hash » et « open », écrivez le reste en JSON à clés triées, sans
   espaces, en UTF-8, précédé de « clmcrm.proof/1 entry » et d'un saut de ligne : son SHA-256 est « hash ».
   « previous » est le « hash » de la ligne précédente. « n » compte à partir de 0.
3. Le premier « previous » est le SHA-256 de « clmcrm.proof/1 genesis », d'un saut de ligne et de
   {"contract":...,"tenant":...}.
4. Chaque nom de « open » a une empreinte dans « sealed » : le SHA-256 de « clmcrm.proof/1 part », d'un saut
   de ligne, des 32 octets de « salt » et de « value » en JSON. Une partie qui n'est que dans « sealed » a
   été effacée, et une ligne « erasure » ultérieure le dit.
5. Comparez head.json avec un état reçu AUPARAVANT, ou d'un tiers. Sans lui, nul ne peut dire si la fin a été
   coupée ou si tout a été réécrit.

Avec le programme : clmcrm verify DOSSIER.zip --head HEAD.json
"""

README: Final = {"en": _ENGLISH, "fr": _FRENCH}
"""The text of the pack's README by language."""
