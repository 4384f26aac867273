"""Since when a GO or NO-GO stands, apart from since when its reasons do. Of what is stored only the latter is known."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def begin_with_its_reasons(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the moment that is known."""
    apps.get_model("readiness", "StoredVerdict").objects.update(decided_at=F("since_at"))


class Migration(migrations.Migration):
    """Add it, fill it, require it."""

    dependencies = [("readiness", "0016_attested_count")]

    operations = [
        migrations.AddField("StoredVerdict", "decided_at", models.DateTimeField(null=True)),
        migrations.RunPython(begin_with_its_reasons, migrations.RunPython.noop),
        migrations.AlterField("StoredVerdict", "decided_at", models.DateTimeField()),
    ]
