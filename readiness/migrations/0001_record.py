"""The record: the log's entries, its head, and kept bytes."""

import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("nodes", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("action", models.TextField()),
                ("object", models.TextField()),
                ("rollout", models.TextField(blank=True)),
                ("verdict", models.TextField(blank=True)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(
                        models.F("rollout"), models.OrderBy(models.F("seq"), descending=True), name="audit_rollout"
                    ),
                    models.Index(
                        models.F("actor"), models.OrderBy(models.F("seq"), descending=True), name="audit_actor"
                    ),
                    models.Index(
                        models.F("object"), models.OrderBy(models.F("seq"), descending=True), name="audit_object"
                    ),
                    models.Index(
                        models.F("action"), models.OrderBy(models.F("seq"), descending=True), name="audit_action"
                    ),
                    models.Index(models.F("at"), name="audit_at"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seq__gte", 0)), name="audit_seq_from_zero"),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("body"), 65535
                        ),
                        name="audit_body_fits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(default=0)),
                ("frontier", models.BinaryField(default=b"")),
                ("last_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_one_head"),
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="audit_size_from_zero"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("digest", models.CharField(max_length=71, primary_key=True, serialize=False)),
                ("data", models.BinaryField()),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("media_type", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__startswith", "sha256:")), name="blob_digest_named"
                    )
                ],
            },
        ),
    ]
