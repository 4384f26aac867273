"""What was asked when an observation was collected. Of older ones it is not known, so they are collected again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0017_decided_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="observation",
            name="definition",
            field=models.CharField(blank=True, max_length=71),
        ),
    ]
