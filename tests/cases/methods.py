"""The methods that a file of statistical cases asks for, each answered by `readiness.stats`."""

from math import expm1, isnan, log, log1p, nan

from readiness.stats.blocks import FEWEST_BLOCKS, blocks_doubt, guard_spikes, rule_blocks, spread_of
from readiness.stats.fairness import age_doubt, errors_doubt, split_doubt, split_statistic
from readiness.stats.looks import alpha_spent, look_bounds, mixing_of, sequence_half_width
from readiness.stats.means import Sample, paired_tost, relative_sequence, welch_relative
from readiness.stats.pods import FEWEST_PODS, pod_difference, pod_noise
from readiness.stats.power import blocks_needed, chance_if_equal, chance_of_go, requests_needed, whole
from readiness.stats.quantiles import (
    buckets_doubt,
    coarse_doubt,
    interpolation_allowance,
    locate_quantile,
    mover_log_ratio,
    quantile_limits,
    rank_limits,
    tail_doubt,
)
from readiness.stats.ratios import (
    Counts,
    counts_doubt,
    log_rate_values,
    newcombe_difference,
    rate_ratio,
    rule_rate_ratio,
    share_limits,
    unpaired_rate_change,
)
from readiness.stats.rulings import (
    Call,
    Interval,
    Ruling,
    combine,
    holm_adjusted,
    invalid,
    rule_no_worse,
    rule_target,
    undecided,
)

WORDS = {Call.GO: "GO", Call.NO_GO: "NO-GO", Call.UNDECIDED: "INCONCLUSIVE", Call.INVALID: "INVALID"}
CALLS = {word: call for call, word in WORDS.items()}
ALPHA = 0.05


def number(value):
    """A number of a case; `"inf"` stands for infinity, and what is none is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return nan
    try:
        return float(value)
    except ValueError:
        return nan


def numbers(values):
    return [number(value) for value in values]


def alpha_of(given):
    return number(given.get("alpha_one_sided", given.get("alpha", ALPHA)))


def ruled(ruling):
    return {"decision": WORDS[ruling.call], "reason": ruling.reason}


def limits(interval, effect="effect"):
    return {effect: interval.effect, "lower": interval.lower, "upper": interval.upper}


def newcombe_diff(given):
    x1, n1, x0, n0 = (number(given[key]) for key in ("x_canary", "n_canary", "x_control", "n_control"))
    interval = newcombe_difference(x1, n1, x0, n0, alpha_of(given))
    doubt = counts_doubt(x1, n1) or counts_doubt(x0, n0)
    return limits(interval) | ruled(doubt or rule_no_worse(interval, number(given.get("margin"))))


def clopper_pearson_target(given):
    x, n = number(given["x"]), number(given["n"])
    interval = share_limits(x, n, alpha_of(given))
    return limits(interval) | ruled(counts_doubt(x, n) or rule_target(interval, number(given.get("target"))))


def exact_conditional_ratio(given):
    keys = ("x_canary", "exposure_canary", "x_control", "exposure_control")
    interval = rate_ratio(*(number(given[key]) for key in keys), alpha_of(given))
    return limits(interval, "ratio") | ruled(rule_rate_ratio(interval, number(given.get("max_ratio"))))


def sample(given, arm):
    return Sample(*(number(given[f"{part}_{arm}"]) for part in ("n", "mean", "sd")))


def welch_relative_delta(given):
    welch, margin = welch_relative(sample(given, "canary"), sample(given, "control")), number(given.get("margin_rel"))
    interval = welch.interval(alpha_of(given))
    tests = {"t_ni": welch.statistic(margin), "p_ni_one_sided": welch.p_no_worse(margin), "df": welch.df}
    return limits(interval, "effect_rel") | tests | ruled(rule_no_worse(interval, margin))


def percent(value):
    return 100 * expm1(value)


def paired_block_ess(given):
    values, margin = numbers(given["block_log_ratios"]), number(given.get("margin_log"))
    spread, alpha = spread_of(values), alpha_of(given)
    interval = spread.interval(alpha)
    described = {"mean": spread.mean, "sd": spread.sd, "lag1": spread.lag1, "n_eff": spread.n_eff, "se": spread.se}
    described |= {"df": spread.df, "skewness": spread.skew, "effect_pct": percent(spread.mean)}
    described |= {"lower_pct": percent(interval.lower), "upper_pct": percent(interval.upper)}
    return described | limits(interval) | ruled(rule_blocks(values, margin, alpha))


def woodruff_bucket_ci(given):
    bounds, counts, q, worth = numbers(given["le"]), numbers(given["cumulative"]), given["q"], given.get("deff", 1.0)
    interval = quantile_limits(bounds, counts, q, worth, alpha_of(given))
    ranks = rank_limits(counts[-1], q, worth, alpha_of(given))
    return limits(interval, "quantile") | {"rank_lower": ranks[0], "rank_upper": ranks[1]}


def woodruff_mover_ratio(given):
    bounds, q, alpha = numbers(given["le"]), given["q"], alpha_of(given)
    arms = {arm: numbers(given[f"cumulative_{arm}"]) for arm in ("canary", "control")}
    margin = log1p(number(given.get("margin_rel")))
    if doubt := next((d for counts in arms.values() if (d := buckets_doubt(bounds, counts))), None):
        return ruled(doubt)
    found = [quantile_limits(bounds, c, q, given.get(f"deff_{arm}", 1.0), alpha) for arm, c in arms.items()]
    located = [locate_quantile(bounds, counts, q) for counts in arms.values()]
    width = max(each.log_width for each in located)
    interval, allowance = mover_log_ratio(*found), interpolation_allowance(width)
    wider = interval.widened(allowance)
    described = {"q_canary": found[0].effect, "q_control": found[1].effect, "bucket_log_width": width}
    described |= {"interp_allowance": allowance}
    described |= {"lower_with_allowance": wider.lower, "upper_with_allowance": wider.upper}
    ruling = coarse_doubt(*located, margin) or rule_no_worse(wider, margin)
    return described | limits(interval, "log_ratio") | ruled(ruling)


def lan_demets_bounds(given):
    fractions, alpha = tuple(numbers(given["information_fractions"])), alpha_of(given)
    bounds = list(look_bounds(fractions, alpha))
    return {"z_bounds": bounds, "alpha_spent": [alpha_spent(fraction, alpha) for fraction in fractions]}


def lan_demets_decision(given):
    planned, look, margin = given["looks_planned"], given["look"], number(given.get("margin_log"))
    effect, se, alpha = number(given["estimate_log"]), number(given["se_log"]), alpha_of(given)
    bound = look_bounds(tuple((place + 1) / planned for place in range(planned)), alpha)[look - 1]
    naive = effect + look_bounds((1.0,), alpha)[0] * se
    interval = Interval(effect, effect - bound * se, effect + bound * se)
    described = {"z_bound": bound, "naive_upper": naive, "adjusted_upper": interval.upper}
    return described | {"naive_would_be_go": naive < margin} | ruled(rule_no_worse(interval, margin))


def asymp_cs_two_sided(given):
    alpha, planned = number(given["alpha"]), number(given["n_star"])
    interval, p = relative_sequence(sample(given, "canary"), sample(given, "control"), alpha, planned)
    return limits(interval, "effect_rel") | {"p_value": p}


def asymp_cs_one_sided(given):
    n, sd, alpha, planned = (number(given[key]) for key in ("n_blocks", "sd_block", "alpha_one_sided", "n_star"))
    return {"rho": mixing_of(planned, alpha), "half_width": sequence_half_width(n, sd, alpha, planned)}


def srm_chi2(given):
    observed, intended = numbers(given["observed_units"]), numbers(given["intended_share"])
    statistic, p = split_statistic(observed, intended)
    doubt = split_doubt(observed, intended, number(given.get("threshold", 0.001)))
    said = ruled(doubt) if doubt else {"decision": "OK", "reason": "split_as_intended"}
    return {"statistic": statistic, "p_value": p} | said


def holm(given):
    values, alpha = numbers(given["p_values"]), number(given.get("alpha", ALPHA))
    adjusted = list(holm_adjusted(values))
    rejected = {"holm_reject": [p <= alpha for p in adjusted], "naive_reject": [p <= alpha for p in values]}
    return {"holm_adjusted": adjusted} | rejected


def combined(given):
    return ruled(combine([Ruling(CALLS.get(word, Call.INVALID), "") for word in given["gates"]]))


def n_ni_proportion(given):
    p, margin, share, power = (number(given[key]) for key in ("p", "margin", "canary_share", "power"))
    needed = requests_needed(p * (1 - p), margin, share, alpha_of(given), power)
    return {"n_canary": whole(needed), "n_exact": needed}


def n_ni_blocks(given):
    needed = blocks_needed(number(given["sd_log"]), log1p(given["margin_rel"]), alpha_of(given), given["power"])
    return {"n_blocks": whole(needed), "n_exact": needed}


def predictive_probability(given):
    known = (given["blocks_so_far"], given["blocks_planned"], number(given["mean_log"]), number(given["sd_block"]))
    asked = (number(given["margin_log"]), alpha_of(given))
    return {"predictive": chance_of_go(*known, asked), "conditional_if_truly_equal": chance_if_equal(*known, asked)}


def tost_paired(given):
    pairs = zip(numbers(given["log_canary"]), numbers(given["log_control"]), strict=True)
    lower, upper = paired_tost([a - b for a, b in pairs], number(given["low"]), number(given["high"]))
    p = nan if isnan(lower) or isnan(upper) else max(lower, upper)
    shown = Ruling(Call.GO, "same_within_margin") if p < alpha_of(given) else undecided()
    return {"p_value": p, "p_lower": lower, "p_upper": upper} | ruled(invalid("not_computable") if isnan(p) else shown)


def log_rate_ratio_paired_blocks(given):
    keys = ("num_canary", "den_canary", "num_control", "den_control")
    counts, alpha = Counts(*(tuple(numbers(given[key])) for key in keys)), alpha_of(given)
    values = log_rate_values(counts)
    spread, unpaired = spread_of(values), unpaired_rate_change(counts, alpha)
    interval = spread.interval(alpha)
    described = {"lag1": spread.lag1, "n_eff": spread.n_eff, "se_paired": spread.se}
    described |= {f"unpaired_gbstats_{key}": value for key, value in limits(unpaired, "rel_effect").items()}
    doubt = undecided("no_events") if not min(counts.totals[0], counts.totals[2]) > 0 else blocks_doubt(values)
    ruling = doubt or guard_spikes(rule_no_worse(interval, log(number(given.get("margin_ratio")))), spread)
    return described | limits(interval, "log_ratio") | ruled(ruling)


def pod_pooled_t(given):
    canary, control = numbers(given["log_p99_canary_pods"]), numbers(given["log_p99_control_pods"])
    welch, noise = pod_difference(canary, control), pod_noise(canary, control)
    interval = welch.interval(alpha_of(given))
    few = undecided("too_few_pods") if len(canary) + len(control) < FEWEST_PODS else None
    described = {"se": welch.se, "df": welch.df, "sp": noise.variance**0.5 if noise else nan}
    return limits(interval) | described | ruled(few or rule_no_worse(interval, number(given.get("margin_log"))))


def precheck(given):
    """The preconditions that a case gives numbers for; INVALID goes before UNDECIDED."""
    found = []
    if errors := [number(given[key]) for key in given if key.startswith("error_rate")]:
        found.append(errors_doubt(errors))
    if "age_s" in given:
        found.append(age_doubt(number(given["age_s"]), number(given.get("scrape_interval_s", 15))))
    found += [counts_doubt(0, number(given[key])) for key in ("n_canary", "n_control") if key in given]
    if "requests_per_block" in given:
        found.append(tail_doubt(number(given.get("q", 0.99)), number(given["requests_per_block"])))
    if "blocks" in given and not number(given["blocks"]) >= FEWEST_BLOCKS:
        found.append(undecided("too_few_blocks"))
    doubts = [doubt for doubt in found if doubt is not None]
    worst = next((doubt for doubt in doubts if doubt.call is Call.INVALID), next(iter(doubts), None))
    return ruled(worst) if worst else {"decision": "OK", "reason": "fair"}


METHODS = {
    "newcombe_diff": newcombe_diff,
    "clopper_pearson_target": clopper_pearson_target,
    "exact_conditional_ratio": exact_conditional_ratio,
    "welch_relative_delta": welch_relative_delta,
    "paired_block_ess": paired_block_ess,
    "woodruff_bucket_ci": woodruff_bucket_ci,
    "woodruff_mover_ratio": woodruff_mover_ratio,
    "lan_demets_bounds": lan_demets_bounds,
    "lan_demets_decision": lan_demets_decision,
    "asymp_cs_two_sided": asymp_cs_two_sided,
    "asymp_cs_one_sided": asymp_cs_one_sided,
    "srm_chi2": srm_chi2,
    "holm": holm,
    "combine": combined,
    "n_ni_proportion": n_ni_proportion,
    "n_ni_blocks": n_ni_blocks,
    "predictive_probability": predictive_probability,
    "tost_paired": tost_paired,
    "log_rate_ratio_paired_blocks": log_rate_ratio_paired_blocks,
    "pod_pooled_t": pod_pooled_t,
    "precheck": precheck,
}
