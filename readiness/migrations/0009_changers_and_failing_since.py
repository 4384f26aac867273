from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0008_forecast"),
    ]

    operations = [
        migrations.AddField(
            model_name="observation",
            name="failing_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="planversion",
            name="changed_by",
            field=models.JSONField(default=dict),
        ),
    ]
