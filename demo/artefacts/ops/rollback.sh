#!/bin/sh
# Turn the new checkout path off for everybody.
set -eu
echo "new_checkout = false" > "${CHECKOUT_FLAGS:-/tmp/checkout-flags.toml}"
echo "The new checkout path is off."
