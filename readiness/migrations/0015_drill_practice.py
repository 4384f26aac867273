from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0014_personal_value"),
    ]

    operations = [
        migrations.AddField(
            model_name="drillrecord",
            name="practised",
            field=models.CharField(blank=True, max_length=71),
        ),
    ]
