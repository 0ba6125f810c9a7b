#!/usr/bin/env python3
"""Makes the reference figures of this folder with numpy, scipy, pandas and statsmodels.

    python3 make.py /path/to/heart_disease_uci.csv

writes one_sample.json, two_sample.json, two_by_two.json, proportion.json, levels.json and heart.json beside itself.
Without the argument heart.json is left as it is. Nothing here shares code or formulas with Coda: wherever a library has
the figure, the library makes it; the few that no library has (the standard error of d, the exact small-sample factor,
the interval around values without spread) are marked TYPED. Run twice, it writes the same bytes.

Inputs are written in the variable's unit and are decimal multiples of the stated resolution. Means and standard
deviations are those of the decimals as printed: they are worked out in exact rational arithmetic by Python's `statistics`
and compared with numpy's, which sees the nearest doubles. Outputs are the shortest text that reads back to the double.
"""

import json
import math
import platform
import statistics
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import statsmodels
from scipy import stats
from scipy.stats.contingency import relative_risk
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

HERE = Path(__file__).parent
LEVEL = 0.95
Z = float(stats.norm.ppf(0.975))
QUANTILES = {"p5": "0.05", "p10": "0.1", "p25": "0.25", "p50": "0.5", "p75": "0.75", "p90": "0.9", "p95": "0.95"}


# --- writing ---------------------------------------------------------------------------------------------------------

def plain(value):
    """Numbers as Python's own, so that json writes the shortest text that reads back."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.integer, int)) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, (np.floating, float)):
        value = float(value)
        assert math.isfinite(value), "a figure is not finite"
        return value
    return value


def text(value, indent=0):
    """JSON with a key a line and long lists of numbers wrapped, so that people can read it and diffs stay short."""
    pad, inner = " " * indent, " " * (indent + 2)
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= 110 or not isinstance(value, (dict, list)):
        return flat
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {text(item, indent + 2)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{pad}}}"
    items = [json.dumps(item, ensure_ascii=False) for item in value]
    if any(len(item) > 40 for item in items):
        return "[\n" + ",\n".join(inner + text(item, indent + 2) for item in value) + f"\n{pad}]"
    lines, line = [], inner
    for item in items:
        if len(line) + len(item) > 118:
            lines.append(line.rstrip())
            line = inner
        line += item + ", "
    lines.append(line.rstrip(", "))
    return "[\n" + "\n".join(lines) + f"\n{pad}]"


def write(name, about, body):
    """Writes one file with what it is and what made it."""
    head = {
        "about": about,
        "made_by": "tests/reference/make.py",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "pandas": pd.__version__,
            "statsmodels": statsmodels.__version__,
        },
    }
    (HERE / name).write_text(text(plain({**head, **body})) + "\n", encoding="utf-8")


# --- data ------------------------------------------------------------------------------------------------------------

def on_scale(values, resolution, lower, upper):
    """Draws as decimal multiples of the resolution within bounds: whole numbers where the resolution is whole."""
    steps = Fraction(resolution)
    inside = np.clip(np.asarray(values, dtype=float), lower, upper)
    units = [round(Fraction(float(value)) / steps) for value in inside]
    decimals = max(0, -int(math.floor(math.log10(float(steps)))))
    return [int(unit * steps) if decimals == 0 else float(f"{float(unit * steps):.{decimals}f}") for unit in units]


def exact(values):
    """The decimals as printed, as rational numbers."""
    return [Fraction(repr(value)) for value in values]


def near(left, right, relative=1e-12):
    assert math.isclose(left, right, rel_tol=relative, abs_tol=1e-300), (left, right)


def mean_and_sd(values):
    """Mean and sample standard deviation, exact and correctly rounded; checked against numpy."""
    rational = exact(values)
    mean = float(statistics.mean(rational))
    sd = None
    if len(values) > 1:
        # the square root of the exact variance; `statistics` rounds it correctly
        sd = float(statistics.stdev(rational))
        # numpy sees doubles, which at an offset of 1e8 are themselves off by 1e-8
        slack = 1e-11 + 4 * np.spacing(max(abs(float(value)) for value in values)) / sd if sd else 1e-9
        near(mean, float(np.mean(values)))
        near(sd, float(np.std(values, ddof=1)), slack)
    return mean, sd


def quantiles(values):
    """Smallest x with F(x) >= p (numpy 'inverted_cdf', type 1 of Hyndman and Fan 1996), by rank in exact arithmetic."""
    ordered = sorted(values)
    found = {}
    for name, p in QUANTILES.items():
        rank = max(1, math.ceil(Fraction(p) * len(ordered)))
        found[name] = ordered[rank - 1]
        by_numpy = float(np.quantile(np.asarray(values, dtype=float), float(p), method="inverted_cdf"))
        assert by_numpy == found[name], ("numpy's rank is off by rounding", name, len(ordered))
    return found


def one_sample(values):
    """n, mean, sd, Student t interval, quantiles."""
    mean, sd = mean_and_sd(values)
    n = len(values)
    if sd:
        low, high = stats.t.interval(LEVEL, n - 1, loc=mean, scale=sd / math.sqrt(n))
        by_statsmodels = DescrStatsW(np.asarray(values, dtype=float)).tconfint_mean(1 - LEVEL)
        near(low, by_statsmodels[0], 1e-9)
        near(high, by_statsmodels[1], 1e-9)
    else:
        low = high = mean  # TYPED: scipy gives no interval for a spread of nothing
    return {"n": n, "mean": mean, "sd": sd, "ci95": {"low": low, "high": high}, "quantiles": quantiles(values)}


def comparison(values, groups):
    """Group 1 minus group 0."""
    one = [value for value, group in zip(values, groups) if group == 1]
    zero = [value for value, group in zip(values, groups) if group == 0]
    n1, n0 = len(one), len(zero)
    (mean1, sd1), (mean0, sd0) = mean_and_sd(one), mean_and_sd(zero)
    compare = CompareMeans(DescrStatsW(np.asarray(one, float)), DescrStatsW(np.asarray(zero, float)))
    difference = float(statistics.mean(exact(one)) - statistics.mean(exact(zero)))

    def test(equal):
        found = stats.ttest_ind(one, zero, equal_var=equal)
        interval = found.confidence_interval(LEVEL)
        again = compare.tconfint_diff(1 - LEVEL, usevar="pooled" if equal else "unequal")
        near(interval.low, again[0], 1e-9)
        near(interval.high, again[1], 1e-9)
        return {"t": found.statistic, "df": found.df, "p": found.pvalue, "low": interval.low, "high": interval.high}

    pooled, welch = test(True), test(False)
    nu = n1 + n0 - 2
    near(nu, pooled["df"])
    # d out of scipy's t, not out of the formula for the pooled spread
    d = pooled["t"] * math.sqrt(1 / n1 + 1 / n0)
    j = 1 - 3 / (4 * nu - 1)
    g = effectsize_smd(mean1, sd1, n1, mean0, sd0, n0)[0]
    near(g, j * d, 1e-9)
    se_d = math.sqrt((n1 + n0) / (n1 * n0) + d * d / (2 * (n1 + n0)))  # TYPED (Hedges 1981)
    j_exact = math.exp(math.lgamma(nu / 2) - math.lgamma((nu - 1) / 2)) / math.sqrt(nu / 2)  # TYPED (Hedges 1981)
    assert abs(j - j_exact) < 0.002

    def with_interval(value, error):
        return {"value": value, "se": error, "low": value - Z * error, "high": value + Z * error}

    return {
        "group1": {"n": n1, "mean": mean1, "sd": sd1},
        "group0": {"n": n0, "mean": mean0, "sd": sd0},
        "difference": difference,
        "pooled": pooled,
        "welch": welch,
        "cohen_d": with_interval(d, se_d),
        "hedges_g": with_interval(g, j * se_d),
        "j": j,
        "j_exact_for_documentation": j_exact,
    }


def fourfold(a, b, c, d):
    """Exposed a with and b without the event, others c with and d without."""
    ratio = relative_risk(a, a + b, c, c + d)
    katz = ratio.confidence_interval(LEVEL)
    table = Table2x2(np.array([[a, b], [c, d]], dtype=float), shift_zeros=False)
    near(katz.low, table.riskratio_confint(1 - LEVEL)[0], 1e-9)
    woolf = table.oddsratio_confint(1 - LEVEL)
    difference = {"value": float(Fraction(a, a + b) - Fraction(c, c + d))}
    for name, method in {"wald": "wald", "newcombe": "newcomb"}.items():
        low, high = confint_proportions_2indep(a, a + b, c, c + d, method=method, compare="diff", alpha=1 - LEVEL)
        difference[name] = {"low": low, "high": high}
    return {
        "risk1": a / (a + b),
        "risk0": c / (c + d),
        "risk_ratio": {"value": ratio.relative_risk, "low": katz.low, "high": katz.high},
        "odds_ratio": {"value": table.oddsratio, "low": woolf[0], "high": woolf[1]},
        "risk_difference": difference,
    }


# --- files -----------------------------------------------------------------------------------------------------------

def make_one_sample():
    draw = np.random.default_rng(20260101)
    normal = lambda mean, sd, n: draw.normal(mean, sd, n)
    # moved and stretched so that the sample, and not only what it is drawn from, has the mean and spread
    just = lambda mean, sd, n: mean + sd * stats.zscore(draw.normal(size=n), ddof=1)
    cases = []

    def case(name, note, unit, resolution, lower, upper, sites):
        sites = [on_scale(values, resolution, lower, upper) for values in sites]
        pooled = [value for values in sites for value in values]
        assert all(lower <= value <= upper for value in pooled)
        cases.append({
            "name": name, "note": note, "unit": unit,
            "resolution": float(resolution) if "." in resolution else int(resolution), "lower": lower, "upper": upper,
            "expected": one_sample(pooled),
            "expected_by_site": [None if not values else
                                 dict(zip(("n", "mean", "sd"), (len(values), *mean_and_sd(values)))) for values in sites],
            "sites": sites,
        })

    case("two_means", "Two sites of mean age 62 and 66, both of spread about 18.", "a", "1", 0, 110,
         [just(62, 18, 420), just(66, 18, 310)])
    case("adults_and_children", "1,000 adults at one site, 200 children at another: the spread is mostly between sites.",
         "a", "1", 0, 110, [np.clip(normal(58, 15, 1000), 18, 110), draw.uniform(0, 17, 200)])
    case("tiny_site", "Two usual sites and one of six people, who are much older.", "a", "1", 0, 110,
         [normal(61, 16, 140), normal(59, 15, 95), normal(88, 4, 6)])
    case("empty_site", "The site in the middle has nobody.", "mm[Hg]", "1", 40, 260,
         [normal(128, 19, 150), [], normal(134, 22, 90)])
    case("offset_in_the_bound", "Values near 1e8 with a lower bound near them: the code is small.", "1", "0.1",
         100_000_000, 100_001_000, [100_000_000 + normal(400, 3, 80), 100_000_000 + normal(402, 3, 70)])
    case("offset_in_the_values", "Values near 1e9 at the far end of the widest scale: sums of squares in doubles lose the spread.", "1",
         "1", 1_000_000_000 - 2**24, 1_000_000_000, [999_990_000 + normal(0, 4, 90), 999_990_003 + normal(0, 4, 60)])
    case("tenths", "Body temperature, in tenths, which binary fractions cannot hold.", "Cel", "0.1", 30, 45,
         [normal(37.2, 0.8, 160), normal(38.1, 0.9, 120), normal(36.9, 0.5, 40)])
    case("negative", "Base excess, on both sides of zero.", "mmol/L", "0.5", -40, 40,
         [normal(-1.5, 4, 130), normal(0.8, 5, 110)])
    case("skewed", "C-reactive protein, lognormal, three sites; the mean is far above the median.", "mg/L", "0.1", 0, 600,
         [draw.lognormal(3.6, 1.1, 260), draw.lognormal(4.1, 0.9, 170), draw.lognormal(2.2, 1.3, 24)])
    case("hundredths_steps_of_five", "A resolution whose first digit is not 1.", "mg/L", "0.05", 0, 50,
         [draw.lognormal(0.2, 0.8, 90), draw.lognormal(0.5, 0.7, 60)])
    case("constant", "Nobody differs: no spread, an interval of no width.", "1", "1", 0, 10, [[4] * 12, [4] * 18])
    write("one_sample.json", "Pooled mean, spread, Student t interval and exact sample quantiles of values spread over sites. "
          "sites: one list a site, values in the unit, multiples of the resolution. quantiles: smallest value x with "
          "F(x) >= p.", {"cases": cases})


def make_two_sample():
    draw = np.random.default_rng(20260202)
    cases = []

    def case(name, note, unit, resolution, lower, upper, sites):
        """Each site: draws of group 0, draws of group 1."""
        pairs = []
        for zero, one in sites:
            pairs.append([[value, 0] for value in on_scale(zero, resolution, lower, upper)]
                         + [[value, 1] for value in on_scale(one, resolution, lower, upper)])
        values, groups = zip(*[pair for site in pairs for pair in site])
        cases.append({
            "name": name, "note": note, "unit": unit,
            "resolution": float(resolution) if "." in resolution else int(resolution), "lower": lower, "upper": upper,
            "expected": comparison(values, groups), "sites": pairs,
        })

    normal = lambda mean, sd, n: draw.normal(mean, sd, n)
    case("age_by_death", "Those who died are older.", "a", "1", 0, 110,
         [(normal(60, 18, 180), normal(74, 12, 40)), (normal(63, 18, 150), normal(77, 11, 45))])
    case("unequal_spread", "Spreads and sizes differ, so that Welch and pooled part ways.", "mg/L", "0.1", 0, 600,
         [(draw.lognormal(3.2, 0.6, 200), draw.lognormal(4.4, 0.9, 25)), (draw.lognormal(3.0, 0.6, 120), draw.lognormal(4.6, 0.8, 14))])
    case("few", "Seven against nine people: the small-sample factor matters.", "a", "1", 0, 110,
         [(normal(50, 12, 5), normal(62, 12, 5)), (normal(52, 12, 4), normal(60, 12, 2))])
    case("lower_in_group_1", "A negative difference.", "/min", "1", 20, 250,
         [(normal(158, 20, 110), normal(132, 22, 120)), (normal(150, 20, 60), normal(128, 24, 80))])
    case("hardly_any_difference", "The interval holds zero.", "kg/m2", "0.1", 10, 70,
         [(normal(27.1, 5, 130), normal(27.2, 5, 125)), (normal(26.8, 5, 40), normal(27.0, 5, 44))])
    case("one_group_at_a_site", "The second site has only group 1, the third nobody.", "Cel", "0.1", 30, 45,
         [(normal(37.0, 0.6, 70), normal(37.9, 0.8, 50)), ([], normal(38.2, 0.7, 30)), ([], [])])
    case("opposite_at_sites", "Within each site group 1 is lower, over both it is higher.", "a", "1", 0, 110,
         [(normal(45, 8, 120), normal(40, 8, 30)), (normal(75, 8, 30), normal(70, 8, 120))])
    write("two_sample.json", "Comparison of group 1 with group 0 (1 minus 0), people spread over sites. sites: one list a "
          "site of [value, group]. d and g: intervals value +- z * se with se(g) = j * se(d), j = 1 - 3 / (4 df - 1).",
          {"z": Z, "cases": cases})


def make_two_by_two():
    tables = {
        "harm": [[30, 70, 20, 180], [12, 18, 9, 61]],
        "protection": [[14, 186, 33, 167], [8, 92, 21, 79], [5, 30, 7, 24]],
        "no_effect": [[40, 60, 41, 59], [25, 75, 24, 76]],
        "rare": [[9, 1991, 6, 2994], [7, 993, 5, 1495]],
        "common": [[180, 20, 150, 50], [95, 6, 80, 21]],
        "smallest": [[5, 5, 5, 5]],
        "uneven": [[6, 14, 310, 2690], [5, 9, 45, 941]],
        "opposite_at_sites": [[81, 6, 234, 36], [192, 71, 55, 25]],
    }
    cases = []
    for name, sites in tables.items():
        assert all(cell >= 5 for site in sites for cell in site)
        pooled = [sum(cells) for cells in zip(*sites)]
        strata = StratifiedTable([np.array(site, dtype=float).reshape(2, 2) for site in sites])
        low, high = strata.oddsratio_pooled_confint(1 - LEVEL)
        cases.append({
            "name": name, "sites": sites, "pooled": pooled,
            "expected": fourfold(*pooled),
            "mantel_haenszel_odds_ratio": {"value": strata.oddsratio_pooled, "low": low, "high": high},
        })
    write("two_by_two.json", "Risk ratio (Katz), odds ratio (Woolf) and risk difference (Wald, Newcombe) of the pooled table; "
          "odds ratio stratified by site (Mantel and Haenszel; Robins, Breslow and Greenland). sites: a, b, c, d = exposed "
          "with and without the event, others with and without it; every cell of every site is 5 or more.", {"cases": cases})


def make_proportion():
    cases = []
    for sites in [[[45, 100], [30, 80]], [[5, 1000], [6, 2500]], [[995, 1000]], [[5, 10]], [[12, 48], [220, 1804], [85, 1148]],
                  [[500_000, 1_000_000]], [[7, 7 + 5], [0, 0]]]:
        yes, people = (sum(column) for column in zip(*sites))
        low, high = proportion_confint(yes, people, alpha=1 - LEVEL, method="wilson")
        by_scipy = stats.binomtest(yes, people).proportion_ci(LEVEL, method="wilson")
        near(low, by_scipy.low, 1e-9)
        near(high, by_scipy.high, 1e-9)
        cases.append({"sites": sites, "yes": yes, "n": people,
                      "expected": {"value": yes / people, "low": low, "high": high}})
    write("proportion.json", "Wilson score interval of a pooled share. sites: [yes, n].", {"cases": cases})


def make_levels():
    tables = {
        "sex": (["female", "male", "other"], [[793, 989, 22], [553, 585, 10], [27, 18, 3]], [0, 0, 0]),
        "comorbidity": (["none", "one", "several"], [[876, 517, 383], [398, 347, 378], [5, 9, 33]], [28, 25, 1]),
        "mode_is_of_no_site": (["a", "b", "c"], [[40, 35, 0], [0, 35, 40]], [0, 0]),
        "tie": (["a", "b", "c"], [[20, 15, 8], [10, 15, 9]], [5, 6]),
        "empty_level": (["a", "b", "c"], [[20, 0, 8], [10, 0, 9]], [0, 0]),
    }
    cases = []
    for name, (levels, sites, missing) in tables.items():
        people = pd.Series([level for site in sites for level, count in zip(levels, site) for _ in range(count)])
        counts = people.value_counts().reindex(levels, fill_value=0)
        shares = people.value_counts(normalize=True).reindex(levels, fill_value=0.0)
        cases.append({
            "name": name, "levels": levels, "sites": sites, "missing_by_site": missing,
            "expected": {"n": len(people), "missing": sum(missing), "counts": counts.tolist(), "shares": shares.tolist(),
                         "modes": sorted(people.mode().tolist(), key=levels.index)},
        })
    write("levels.json", "Pooled counts, shares of those not missing and modes (all of them, where they tie). sites: a count "
          "for each level.", {"cases": cases})


def make_heart(path):
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    disease = [int(number) >= 1 for number in table["num"]]
    table["disease"] = ["1" if ill else "0" for ill in disease]
    measured = ["age", "trestbps", "chol", "thalch", "oldpeak"]
    numbers = lambda rows, column: [float(field) if "." in field else int(field) for field in rows[column] if field]

    def summary(rows, column):
        values = numbers(rows, column)
        return {"missing": len(rows) - len(values), **one_sample(values)}

    def counts(rows, column):
        found = rows[column].value_counts()
        return {(level or "(missing)"): int(found[level]) for level in sorted(found.index, key=lambda level: (level == "", level))}

    def by_disease(column):
        known = table[table[column] != ""]
        return comparison(numbers(known, column), [int(flag) for flag in known["disease"]])

    known = table[table["exang"] != ""]
    cell = lambda angina, ill: int(((known["exang"] == angina) & (known["disease"] == ill)).sum())
    fields = [cell("True", "1"), cell("True", "0"), cell("False", "1"), cell("False", "0")]
    columns = [column for column in table.columns if column not in ("id", "dataset", "disease")]
    write("heart.json", "Pooled figures over the whole UCI heart disease file (920 people of four centres), which is not kept "
          "here. Zeros in trestbps and chol are taken as they stand, though they can only mean 'not measured'.", {
        "rows": len(table),
        "continuous": {column: summary(table, column) for column in measured},
        "categorical": {column: {"counts": counts(table, column), "modes": table.loc[table[column] != "", column].mode().tolist()}
                        for column in ["sex", "cp", "restecg", "num", "disease"]},
        "by_disease": {column: by_disease(column) for column in ["age", "thalch"]},
        "exang_by_disease": {"cells": fields, "missing": len(table) - len(known), "expected": fourfold(*fields)},
        "by_sex": {sex: {column: summary(rows, column) for column in measured} for sex, rows in table.groupby("sex")},
        "zeros": {column: sum(value == 0 for value in numbers(table, column)) for column in ["trestbps", "chol"]},
        "centres": {centre: {
            "n": len(rows),
            "missing": {column: int((rows[column] == "").sum()) for column in columns},
            "counts": {column: counts(rows, column) for column in
                       ["sex", "cp", "fbs", "restecg", "exang", "slope", "thal", "num", "disease"]},
            "exang_by_disease": [int(((rows["exang"] == angina) & (rows["disease"] == ill)).sum())
                                 for angina in ("True", "False") for ill in ("1", "0")],
        } for centre, rows in table.groupby("dataset")},
    })


def main():
    make_one_sample()
    make_two_sample()
    make_two_by_two()
    make_proportion()
    make_levels()
    if len(sys.argv) > 1:
        make_heart(sys.argv[1])


if __name__ == "__main__":
    main()
