"""Icons, states, people, digests."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString

from readiness.queries.pages.parts import Owner
from readiness.templatetags._html import safe
from readiness.templatetags._states import find_state
from readiness.templatetags._text import initials

register = template.Library()
_VOTES = {"GO": "go", "NO-GO": "nogo", "Void": "void", "Expired": "void", "No answer": "noanswer", "Waits": "waits"}


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, extra: str = "") -> SafeString:
    """A Lucide icon of the sprite, hidden from screen readers."""
    kind = f"i {extra}".rstrip()
    return safe(f'<svg class="{kind}" aria-hidden="true"><use href="{static("icons.svg")}#{escape(name)}"/></svg>')


@register.simple_tag
@lru_cache(maxsize=256)
def glyph(name: str, extra: str = "") -> SafeString:
    """A state glyph of the sprite by its id, hidden from screen readers."""
    kind = f"g {extra}".rstrip()
    return safe(f'<svg class="{kind}" aria-hidden="true"><use href="{static("glyphs.svg")}#{escape(name)}"/></svg>')


@register.simple_tag
@lru_cache(maxsize=1024)
def state(word: str, shown: str = "", pill: bool = False) -> SafeString:
    """Glyph and word in their tone; `shown` replaces the word."""
    look = find_state(word)
    kind = f"st st--{look.tone}" + (" st--pill" if pill else "")
    return safe(f'<span class="{kind}">{glyph(look.glyph)}<span>{escape(shown or look.word)}</span></span>')


@register.simple_tag
@lru_cache(maxsize=256)
def mark(word: str) -> SafeString:
    """The glyph alone; its word stays for screen readers. No state draws a flag: an act."""
    if not word:
        return safe(f'<span class="muted">{glyph("flag")}</span>')
    look = find_state(word)
    return safe(
        f'<span class="st st--{look.tone}">{glyph(look.glyph)}<span class="sr">{escape(look.word)}: </span></span>'
    )


@register.filter
def tone(word: str) -> str:
    """The tone of a state: go, stop, warn, note or mute."""
    return find_state(word).tone


@register.simple_tag
@lru_cache(maxsize=64)
def vote(word: str, shown: str = "") -> SafeString:
    """An answer as a chip."""
    kind = _VOTES.get(word, "waits")
    return safe(f'<span class="vote vote--{kind}">{glyph(find_state(word).glyph)}{escape(shown or word)}</span>')


@register.simple_tag
@lru_cache(maxsize=64)
def severity(word: str) -> SafeString:
    """How heavy, in words; the box gets heavier, not redder."""
    return safe(f'<span class="sev sev--{escape(word.lower())}">{escape(word)}</span>')


@register.simple_tag
@lru_cache(maxsize=512)
def avatar(name: str, extra: str = "") -> SafeString:
    """Initials in a circle, hidden from screen readers; a dashed question mark for nobody."""
    kind = f"avatar {extra}" if extra else "avatar"
    if not name:
        return safe(f'<span class="{kind} avatar--none" data-i="?" aria-hidden="true"></span>')
    return safe(f'<span class="{kind}" data-i="{escape(initials(name))}" aria-hidden="true"></span>')


@register.simple_tag
@lru_cache(maxsize=512)
def who(name: str, title: str = "") -> SafeString:
    """A person with avatar, and the role they act in; the machine without a name."""
    if not name:
        return safe('<span class="muted">Readiness</span>')
    role = f' <span class="muted">{escape(title)}</span>' if title else ""
    return safe(f'<span class="who">{avatar(name)}<span>{escape(name)}{role}</span></span>')


@register.simple_tag
@lru_cache(maxsize=512)
def first_name(name: str) -> SafeString:
    """The first name to see, the whole name to hear."""
    first, _, rest = name.partition(" ")
    return safe(f'{escape(first)}<span class="sr"> {escape(rest)}</span>' if rest else escape(first))


@register.simple_tag
@lru_cache(maxsize=512)
def owner(someone: Owner | None) -> SafeString:
    """Who can clear it: the person's first name, else the role, else that nobody can."""
    if someone is None:
        return safe(f"{avatar('')}<span>No owner</span>")
    if someone.count > 1:
        circle = f'<span class="avatar avatar--none" data-i="{someone.count}" aria-hidden="true"></span>'
        return safe(f"{circle}<span>{escape(someone.title or f'{someone.count} owners')}</span>")
    if not someone.name:
        return safe(f'{avatar("")}<span class="role">{escape(someone.title or "No owner")}</span>')
    rest = f'<span class="sr"> {escape(" ".join(someone.name.split()[1:]))}, {escape(someone.title)}</span>'
    return safe(f"{avatar(someone.name)}<span>{escape(someone.name.split()[0])}{rest}</span>")


@register.simple_tag
def digest(value: str, label: str = "digest", copy: bool = True) -> SafeString:
    """The first six and the last four characters of a digest, with a button that copies all of it."""
    hexes = escape(value.removeprefix("sha256:"))
    if not hexes:
        return safe('<span class="digest">–</span>')
    shown = hexes if len(hexes) <= 12 else f"{hexes[:6]}…{hexes[-4:]}"
    return safe(f'<span class="digest">{shown}{copy_button(value, label) if copy else ""}</span>')


@register.simple_tag
def copy_button(value: str, label: str) -> SafeString:
    """A button that copies a text; without script it does nothing and is not shown."""
    return safe(
        f'<button class="copy needs-js" type="button" data-copy="{escape(value)}" '
        f'aria-label="Copy {escape(label)}">{icon("copy")}</button>'
    )
