"""What each page shows, as frozen values: filled by `queries`, shown by `templates`. This is their contract.

One module a noun; import from the module (`from readiness.queries.pages.board import BoardPage`). No logic lives here.
A page's template receives the page as `page` and the moment of the request as `now`; a form as `form`. A partial
receives one region under the name its module states, and `now`.

Conventions of every value:

* `state` is a word of the state vocabulary ("Met", "Not met", "Stale", "No data", "Not due", ...; the whole table is
  in `readiness/templatetags/_states.py`); `word` replaces the shown word, "" keeps it.
* `url` is ready to use; "" means there is nothing to open. `..._at` is an aware datetime; a duration is a timedelta;
  a measured number is a `Quantity` in the unit of its query. Templates turn them into text.
* Sentences end without a full stop when they stand alone in a row. They follow the microcopy rules: what was found,
  what is allowed, what to do.
* `tone` is one of go, stop, warn, note, mute.
"""
