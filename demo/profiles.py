"""The two simulated services, in numbers: Engram's memory recall and a shop's checkout."""

from demo.traffic import Profile

SHARES = {"control": 0.95, "canary": 0.05}

# Recall answers 96 % of requests within 15 ms, yet its p99 is 17.8 ms where 15 ms are allowed.
ENGRAM = Profile(
    requests_per_second=800.0,
    shares=SHARES,
    error_rate={"control": 0.0003, "canary": 0.0003},
    bounds=(0.001, 0.0025, 0.005, 0.0075, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    below={
        "control": (
            *(0.04, 0.22, 0.52, 0.74, 0.86, 0.93, 0.962),
            *(0.98884, 0.9985, 0.9995, 0.9999, 1.0, 1.0, 1.0, 1.0),
        ),
        "canary": (
            *(0.04, 0.21, 0.51, 0.73, 0.85, 0.925, 0.958),
            *(0.9882, 0.9981, 0.9994, 0.9999, 1.0, 1.0, 1.0, 1.0),
        ),
    },
)

# Checkout: p99 near 125 ms. A fault of 200 ms takes it past 250 ms within one scrape.
CHECKOUT = Profile(
    requests_per_second=1200.0,
    shares=SHARES,
    error_rate={"control": 0.0008, "canary": 0.0008},
    bounds=(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5),
    below={
        "control": (0.05, 0.42, 0.78, 0.92, 0.97, 0.998, 0.9995, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        "canary": (0.05, 0.42, 0.77, 0.915, 0.968, 0.9975, 0.9995, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    },
)
