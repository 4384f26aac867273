"""What reports say, when kept bytes were looked at, and who opened which evidence."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0006_waiver_rehearsal"),
    ]

    operations = [
        migrations.AddField(
            model_name="blob",
            name="altered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="blob",
            name="checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="evidence",
            name="report",
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name="EvidenceOpening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=71)),
                ("person_id", models.CharField(max_length=80)),
                ("person_name", models.CharField(max_length=150)),
                ("opened_at", models.DateTimeField()),
                (
                    "rollout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="readiness.rollout"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("rollout", "digest", "person_id"), name="first_opening_of_evidence")
                ],
            },
        ),
    ]
