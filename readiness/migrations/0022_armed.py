"""When each gate was first looked at, when it last had data, and when it was last past its limit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0021_flag_state"),
    ]

    operations = [
        migrations.AddField(model_name="observation", name="first_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="observation", name="sound_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="observation", name="red_at", field=models.DateTimeField(null=True)),
    ]
