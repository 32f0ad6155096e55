"""The main job: pull what changed in both systems, plan, show the plan, apply it.

This room joins the bridge and the sync engine; the systems themselves are passed in.
"""
