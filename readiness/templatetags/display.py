"""What templates call: display only, no decision. A builtin of every template, so nothing is loaded by hand."""

from django import template

from readiness.templatetags import _drawings, _fields, _marks, _moments

register = template.Library()
for part in (_drawings, _fields, _marks, _moments):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
