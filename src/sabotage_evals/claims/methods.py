"""The statistical methods that claims rest on, by name: where each comes from and what computes it."""

from typing import Final, NamedTuple


class Source(NamedTuple):
    """Where a method comes from, to stand under a table."""

    title: str
    """What it is called there."""
    citation: str
    software: str
    """What computes it."""


SOURCES: Final = {
    "none": Source("no interval", "there is nothing to reckon with", "none"),
    "wilson": Source(
        "Wilson's score interval over runs",
        "Wilson 1927, Journal of the American Statistical Association 22:209-212",
        "statsmodels.stats.proportion.proportion_confint",
    ),
    "t": Source(
        "Student's t over wording means, G - 1 degrees of freedom",
        "Hayes and Moulton 2017, Cluster Randomised Trials, ch. 10; Miller 2024, arXiv:2411.00640, on evaluations",
        "scipy.stats.ttest_1samp",
    ),
    "t_or_wilson": Source(
        "the outer bounds of t over wording means and of Wilson's interval, where few wordings bear all of it",
        "the two above; simulated, see How often the interval holds the truth",
        "scipy.stats.ttest_1samp and statsmodels.stats.proportion.proportion_confint",
    ),
    "anytime": Source(
        "confidence sequence from likelihood ratios against a mixture",
        "Wald 1945, Annals of Mathematical Statistics 16:117-186; Darling and Robbins 1967, PNAS 58:66-68; "
        "Robbins 1970, Annals of Mathematical Statistics 41:1397-1409; Howard, Ramdas, McAuliffe and Sekhon 2021, "
        "Annals of Statistics 49:1055-1080",
        "sabotage_evals.stopping",
    ),
    "t_paired": Source(
        "paired t over the wordings' mean differences, G - 1 degrees of freedom",
        "Hayes and Moulton 2017, Cluster Randomised Trials, ch. 10",
        "scipy.stats.ttest_1samp",
    ),
    "t_or_tango": Source(
        "the outer bounds of paired t and of Tango's interval, where hardly any wording differs",
        "the one above and the one below; simulated, see A difference",
        "scipy.stats.ttest_1samp and sabotage_evals.claims.pairs.tango_interval",
    ),
    "tango": Source(
        "Tango's score interval for paired proportions",
        "Tango 1998, Statistics in Medicine 17:891-908",
        "sabotage_evals.claims.pairs.tango_interval",
    ),
    "t_and_binomial": Source(
        "the larger p of one-sided t over wording means and of the exact binomial test over runs",
        "Hayes and Moulton 2017, ch. 10; Clopper and Pearson 1934; simulated, see A threshold",
        "scipy.stats.ttest_1samp and scipy.stats.binomtest",
    ),
    "binomial": Source(
        "exact binomial test of a threshold, one-sided",
        "Clopper and Pearson 1934, Biometrika 26:404-413",
        "scipy.stats.binomtest",
    ),
    "mcnemar": Source(
        "McNemar's test, exact",
        "McNemar 1947, Psychometrika 12:153-157",
        "statsmodels.stats.contingency_tables.mcnemar",
    ),
    "holm": Source(
        "Holm's correction over a family of hypotheses",
        "Holm 1979, Scandinavian Journal of Statistics 6:65-70",
        "statsmodels.stats.multitest.multipletests",
    ),
    "zero": Source(
        "exact one-sided bound behind a zero, over runs and over wordings",
        "Clopper and Pearson 1934, Biometrika 26:404-413; Hanley and Lippman-Hand 1983, JAMA 249:1743-1745",
        "scipy.stats.binomtest",
    ),
    "worst_case": Source(
        "bounds with every run that is unscored, or says neither, a no, or a yes",
        "Horowitz and Manski 2000, Journal of the American Statistical Association 95:77-84",
        "none: it is the same estimate",
    ),
    "two_phase": Source(
        "rate by people's eyes: a sample drawn by strata, weighted by the strata; Jeffreys posteriors, over runs",
        "Cochran 1977, Sampling Techniques, ch. 5A and 12; Begg and Greenes 1983, Biometrics 39:207-215; Brown, Cai "
        "and DasGupta 2001, Statistical Science 16:101-133",
        "sabotage_evals.claims.review.reweigh",
    ),
    "power": Source(
        "smallest detectable difference: paired t over wordings, or two proportions on the arcsine scale",
        "Cohen 1988, Statistical Power Analysis, ch. 6; Hayes and Moulton 2017, ch. 7",
        "statsmodels.stats.power.TTestPower and NormalIndPower",
    ),
}
