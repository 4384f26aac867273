"""The stories of tests/services/test_stateful.py, many more of them."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.services.test_stateful import Everything, short_stories


@pytest.mark.timeout(3600)
@pytest.mark.django_db
def test_every_service_in_any_order_at_length():
    run_state_machine_as_test(Everything, settings=short_stories(1000))
