//! `coda help suppressed`: what stands behind the two lines under a table.

/// The text.
pub(crate) const HELP: &str = "\
How to read the figures

  1805              a count that sites told. Each site rounds its counts at random to a multiple of 5; each is within 8 of the
                    truth (12 where a variable is sensitive). The same people under the same words have the same figure
                    within one build of a site's data, so asking again does not help.
  <10               suppressed: a site tells no count under 10, zero included. The exact count lies in 0 to 9.
  <28               a network count of which every site's part is suppressed; the exact count lies in 0 to 27.
  ~1327             a network count with an estimate for the sites that suppress their part, from what the others tell. JSON and
                    CSV have its 95 % interval, what sites told, and the bounds within which the exact count certainly lies.
  n<10, n<40        too few people for this figure, in all or in one of the groups it is made of: no mean or SD under 10 people, no
                    median under 40, no quartiles and percentiles under 100.
  61.2 (59 to 63)   a figure with its 95 % confidence interval. Means, SDs and what is made of them carry the noise of about two
                    people; its variance is in the interval.
  undefined         there is no such number, as a ratio to a spread of 0 of exact data.

In a histogram a bin is told from 15 people on (20 where a variable is sensitive), and from 1/64 of everybody. ~6 is not a count that
a site told: it is a part of a wider bin, spread evenly between the edges that were told.

Figures of one table may differ a little from each other: each is rounded by itself, so parts need not add up to the whole.
A network figure of means, ratios and quantiles is made of the sites that have enough people for it; JSON and CSV name them.
Coarser groups, longer periods or a larger cohort suppress less. A data set that the dictionary declares public or synthetic
is told exactly, from 5 people on.

docs/disclosure.md has the rules, what they promise, and what they do not.
";
