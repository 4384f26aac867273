"""Which source each observation asks, who has taken it, and whether each source answers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0025_token_rollout"),
    ]

    operations = [
        migrations.AddField(model_name="observation", name="source", field=models.CharField(blank=True, max_length=60)),
        migrations.AddField(model_name="observation", name="lease", field=models.CharField(blank=True, max_length=32)),
        migrations.CreateModel(
            name="SourceState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("silent_since", models.DateTimeField(null=True)),
                ("message", models.TextField(blank=True)),
                ("retry_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("took", models.DurationField(null=True)),
                (
                    "rollout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source_states",
                        to="readiness.rollout",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["rollout", "key"], name="one_state_of_a_source")]},
        ),
    ]
