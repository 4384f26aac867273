"""What each measurement asked, so that it is never retold by a limit that was not its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0019_raw_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="measurement",
            name="definition",
            field=models.CharField(blank=True, max_length=71),
        ),
    ]
