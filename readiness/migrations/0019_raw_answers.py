"""What each measurement was judged from, how long its source needed, and what the source said, word for word."""

from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0018_observation_definition"),
    ]

    operations = [
        migrations.CreateModel(
            name="RawAnswer",
            fields=[
                ("digest", models.CharField(max_length=71, primary_key=True, serialize=False)),
                ("packed", models.BinaryField()),
                ("kept_until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="rawanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__startswith", "sha256:")), name="raw_answer_digest_named"
            ),
        ),
        migrations.AddField(model_name="observation", name="code", field=models.CharField(blank=True, max_length=40)),
        migrations.AddField(model_name="observation", name="told_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="measurement", name="worst", field=models.TextField(blank=True)),
        migrations.AddField(model_name="measurement", name="warnings", field=models.JSONField(default=list)),
        migrations.AddField(model_name="measurement", name="took", field=models.DurationField(default=timedelta)),
        migrations.AddField(model_name="measurement", name="seen", field=models.JSONField(null=True)),
        migrations.AddField(
            model_name="measurement", name="kept_until", field=models.DateTimeField(db_index=True, null=True)
        ),
    ]
