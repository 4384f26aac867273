from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0009_changers_and_failing_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="recordcheck",
            name="differences",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="recordcheck",
            name="tables_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="recordcheck",
            name="tables_size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="RowDigest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(max_length=40)),
                ("row", models.CharField(max_length=80)),
                ("digest", models.CharField(max_length=71)),
                ("seq", models.PositiveBigIntegerField()),
                ("rollout", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("type", "row"), name="one_digest_of_a_row")],
            },
        ),
    ]
