"""The main job: pull what changed in both systems, plan, show the plan, apply it.

This room joins the bridge and the sync engine; the systems themselves are passed in. `join` puts the two
together, `preview` looks, `carry_out` acts, and `open_book` reads both as one.
"""

from clmcrm.liaison.book import Book, open_book
from clmcrm.liaison.house_rules import main_job_rules
from clmcrm.liaison.main_job import Joined, Preview, Run, carry_out, join, preview

__all__ = ["Book", "Joined", "Preview", "Run", "carry_out", "join", "main_job_rules", "open_book", "preview"]
