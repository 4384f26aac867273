"""Runbooks: from a Markdown document that people have to the draft of a plan, with everything that could not be placed.

`read.py` is the way through: `page` (text in bounds) → `blocks` (Markdown) → `outline` (what stands under what) →
`phases`, `conditions`, `gaps`, `ways` … (what it means) → `document` (the plan). `lints` says where the document
contradicts itself; `mentions` is every thing it refers to. Nothing here touches the world.
"""
