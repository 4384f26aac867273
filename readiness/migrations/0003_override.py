"""Break-glass, and what a run was entered on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0002_rollout"),
    ]

    operations = [
        migrations.AddField(
            model_name="phaserun",
            name="facts",
            field=models.CharField(blank=True, max_length=71),
        ),
        migrations.AddField(
            model_name="phaserun",
            name="verdict",
            field=models.CharField(blank=True, max_length=71),
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phase", models.CharField(max_length=60)),
                ("plan", models.CharField(max_length=71)),
                ("rehearsal", models.BooleanField(default=False)),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("by_id", models.CharField(max_length=80)),
                ("by_name", models.CharField(max_length=150)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=150)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed_by_id", models.CharField(blank=True, max_length=80)),
                ("confirmed_by_name", models.CharField(blank=True, max_length=150)),
                ("standing", models.JSONField(default=list)),
                ("record_problem", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_id", models.CharField(blank=True, max_length=80)),
                ("closed_by_name", models.CharField(blank=True, max_length=150)),
                ("close_reason", models.TextField(blank=True)),
                (
                    "rollout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="overrides", to="readiness.rollout"
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="override",
                        to="readiness.phaserun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rehearsal", True),
                            models.Q(("confirmed_by_id", models.F("by_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_break_glass",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("confirmed_at", None), ("run", None)),
                            models.Q(
                                models.Q(("run", None), _negated=True),
                                models.Q(("confirmed_at", None), _negated=True),
                                ("withdrawn_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="what_was_entered_was_confirmed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), ("run__isnull", False)),
                        fields=("rollout",),
                        name="one_open_override_of_a_rollout",
                    ),
                ],
            },
        ),
    ]
