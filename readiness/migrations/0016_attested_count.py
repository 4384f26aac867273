"""How many criteria of a gap a person's word alone meets, apart from what evidence proves.

Older counts hold both as proven; the next verdict counts anew where that differs.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0015_drill_practice"),
    ]

    operations = [
        migrations.AddField(
            model_name="gapcount",
            name="attested",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
