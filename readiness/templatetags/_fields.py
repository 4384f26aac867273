"""Form fields with their label, hint and error; the summary of what is wrong; a region's root attributes."""

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, Select, Textarea
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from readiness.queries.pages.parts import Region
from readiness.templatetags._html import safe
from readiness.templatetags._marks import glyph

register = template.Library()


def _ids(field: BoundField, hint: str) -> str:
    """What describes the field: its hint and its errors, when there are any."""
    found = [f"{field.auto_id}-hint"] if hint else []
    return " ".join([*found, *([f"{field.auto_id}-error"] if field.errors else [])])


def _widget(field: BoundField, hint: str, extra: str) -> SafeString:
    kinds: dict[type, str] = {Textarea: "textarea", Select: "select", CheckboxInput: "check"}
    kind = next((name for widget, name in kinds.items() if isinstance(field.field.widget, widget)), "input")
    attrs: dict[str, str | bool] = {"class": f"{kind} {extra}".rstrip()}
    if described := _ids(field, hint):
        attrs["aria-describedby"] = described
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.simple_tag
def field_error(field: BoundField) -> SafeString:
    """The field's error, with the id that describes it; nothing when it has none."""
    if not field.errors:
        return safe("")
    text = " ".join(str(error) for error in field.errors)
    return format_html('<p class="error" id="{}-error">{}{}</p>', field.auto_id, glyph("bar"), text)


@register.simple_tag
def field(bound: BoundField, label: str = "", hint: str = "", extra: str = "", optional: str = "") -> SafeString:
    """One field: label, hint, error, control. `optional` stands beside the label in grey."""
    hint = hint or str(bound.help_text)
    parts = [
        format_html('<label for="{}">{}', bound.id_for_label, label or bound.label),
        format_html(' <span class="muted">{}</span></label>', optional) if optional else safe("</label>"),
        format_html('<p class="hint" id="{}-hint">{}</p>', bound.auto_id, hint) if hint else safe(""),
        field_error(bound),
        _widget(bound, hint, extra),
    ]
    return format_html('<div class="field">{}</div>', format_html_join("", "{}", ((part,) for part in parts)))


@register.simple_tag
def error_summary(form: BaseForm | None, title: str) -> SafeString:
    """What is wrong, in the words of the fields, each leading to its field; takes the focus. Nothing without errors."""
    if form is None or not form.is_bound or not form.errors:
        return safe("")
    whole = format_html_join("", "<li>{}</li>", ((error,) for error in form.non_field_errors()))
    fields = (form[name] for name in form.errors if name != "__all__")
    rows = ((field.id_for_label or field.auto_id, " ".join(map(str, field.errors))) for field in fields)
    items = format_html_join("", '<li><a href="#{}">{}</a></li>', rows)
    start = format_html('<div class="error-sum" role="alert" tabindex="-1" data-focus><h2>{}</h2>', title)
    return format_html('{}<ul class="plain">{}{}</ul></div>', start, whole, items)


@register.simple_tag
def live_region(region: Region | None, name: str = "") -> SafeString:
    """The root attributes of a part that is fetched again, alone, when it changes; `name` when it never is."""
    if region is None or not region.url:
        return format_html('id="{}"', region.name if region else name)
    name = escape(region.name)
    return safe(
        f'id="{name}" hx-get="{escape(region.url)}" hx-trigger="changed:{name} from:body" hx-swap="morph:outerHTML"'
    )


@register.simple_tag
def opens(url: str) -> SafeString:
    """The attributes of a link to a sheet: with script it opens over the page, without it is a page."""
    address = escape(url)
    return safe(f'href="{address}" hx-get="{address}" hx-target="#dialog" hx-swap="innerHTML"')
