"""`manage.py setup_demo`: the demo's people and its two rollouts. Everything goes in by the way that people use."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from readiness.core.types import Person
from readiness.management.acts import shell_act
from readiness.models import RoleGrant, Rollout
from readiness.services.people import Grant, NewPerson, add_person, grant_role, person_id
from readiness.services.plan_file import PlanDraft, read_plan
from readiness.services.rollouts import import_plan
from readiness.settings import env_secret

PLANS = ("dual-memory.yaml", "quickstart.yaml")
PEOPLE = {
    "release-manager": "Ana Ruiz",
    "backend-lead": "Ben Okafor",
    "devops-lead": "Chloe Martin",
    "performance-engineer": "Dev Patel",
    "sre-lead": "Elif Kaya",
    "verification-lead": "Finn Larsen",
    "product-planner": "Grace Kim",
    "engineering-manager": "Hugo Lind",
}
STRANGER = "Ivo Marsh"
ADMINISTRATOR = "engineering-manager"
ON_CALL = ("sre-lead", "devops-lead")


class Command(BaseCommand):
    """Make the demo's people, import its plans, and give everybody their role."""

    help = "Make the demo's people and rollouts, once, and print how to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Accept where the demo's parts are; the plans read it from the environment when they use it."""
        for name in ("--service-url", "--prometheus-url", "--checkout"):
            parser.add_argument(name, default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set up what is missing and print the accounts."""
        password = env_secret("READINESS_DEMO_PASSWORD", settings.DATA_DIR / "demo-password")[:16]
        people = {role: self.person(name, password, role == ADMINISTRATOR) for role, name in PEOPLE.items()}
        self.person(STRANGER, password, False)
        for file in PLANS:
            self.rollout(settings.BASE_DIR / "plans" / file, people)
        self.stdout.write(f"Demo people, all with the password {password}:")
        titles = {role: role.replace("-", " ") for role in PEOPLE}
        for role, name in PEOPLE.items():
            admin = ", administrator" if role == ADMINISTRATOR else ""
            self.stdout.write(f"  {username(name):<8} {name}, {titles[role]}{admin}")
        self.stdout.write(f"  {username(STRANGER):<8} {STRANGER}, no role")
        if url := options["service_url"]:
            self.stdout.write(f"The simulated service is at {url}; break it with POST {url}/fault/latency?ms=600")

    def person(self, name: str, password: str, is_admin: bool) -> Person:
        """Find or make an account."""
        user = User.objects.filter(username=username(name)).first()
        if user is None:
            user = add_person(NewPerson(username(name), name, password, is_admin), shell_act(), by_admin=True)
        return Person(person_id(user), name)

    def rollout(self, file: Path, people: dict[str, Person]) -> None:
        """Import a plan that is not there yet and give its roles."""
        text = file.read_text(encoding="utf-8")
        draft = read_plan(text)
        if Rollout.objects.filter(key=draft.plan.key).exists():
            return
        import_plan(draft, text, shell_act(), timezone.now())
        for grant in grants(draft, people):
            grant_role(draft.plan.key, grant, shell_act(), timezone.now())


def grants(draft: PlanDraft, people: dict[str, Person]) -> list[Grant]:
    """Say who gets which role and group of a plan."""
    roles = [Grant(people[role.key], RoleGrant.ROLE, role.key) for role in draft.plan.roles if role.key in people]
    groups = [Grant(people[role], RoleGrant.GROUP, group.key) for group in draft.plan.groups for role in ON_CALL]
    return roles + groups


def username(name: str) -> str:
    """Sign in with the first name."""
    return name.split()[0].lower()
