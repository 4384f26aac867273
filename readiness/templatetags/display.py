"""What templates call: display only, no decision. A builtin of every template, so nothing is loaded by hand."""

from django import template

from readiness.templatetags import _drawings, _fields, _marks, _moments

PARTS = (_drawings, _fields, _marks, _moments)

register = template.Library()
register.tags = {name: tag for part in PARTS for name, tag in part.register.tags.items()}
register.filters = {name: text for part in PARTS for name, text in part.register.filters.items()}
