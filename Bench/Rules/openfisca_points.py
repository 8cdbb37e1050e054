"""The points table of work permits in openfisca-core, for comparison: single and vectorised.

Use: openfisca_points.py PEOPLE.bin; the file holds fifteen little-endian 64-bit numbers a person.
"""
import sys
import time

import numpy as np
from openfisca_core import entities, periods, simulation_builder, taxbenefitsystems, variables

person = entities.Entity("person", "persons", "A person", "")
NAMES = [
    "salary", "education", "vocational", "years", "months", "hsk", "age", "bonus", "former", "taught", "location",
    "university", "fortune", "patents", "stay",
]


def fact(name_):
    return type(name_, (variables.Variable,), {
        "value_type": float if name_ == "salary" else int, "entity": person, "definition_period": periods.DateUnit.MONTH,
        "label": name_})


def banded(value, edges, points):
    return np.asarray(points)[np.searchsorted(np.asarray(edges), value, side="right")]


def row(name_, formula):
    return type(name_, (variables.Variable,), {
        "value_type": int, "entity": person, "definition_period": periods.DateUnit.MONTH, "label": name_,
        "formula": formula})


def salary_points(p, period):
    return banded(p("salary", period), [5e6, 7e6, 15e6, 25e6, 35e6, 45e6], [0, 5, 8, 11, 14, 17, 20])


def degree_points(p, period):
    education = np.asarray([20, 15, 10, 0])[p("education", period)]
    vocational = np.asarray([20, 15, 10, 0])[p("vocational", period)]
    return np.maximum(education, vocational)


def years_points(p, period):
    years = p("years", period)
    return np.where(years < 2, 0, np.minimum(20, 3 + years))


def months_points(p, period):
    return banded(p("months", period), [3, 6, 9], [0, 5, 10, 15])


def chinese_points(p, period):
    return np.where(p("former", period) | p("taught", period), 5, np.minimum(5, p("hsk", period)))


def age_points(p, period):
    return banded(p("age", period), [18, 26, 46, 56, 61], [0, 10, 15, 10, 5, 0])


def other_points(p, period):
    return 5 * (p("university", period) | p("fortune", period) | p("patents", period) | p("stay", period))


def points(p, period):
    rows = ["salary_points", "degree_points", "years_points", "months_points", "chinese_points", "age_points",
            "other_points"]
    return sum(p(name, period) for name in rows) + 10 * p("location", period) + np.minimum(10, p("bonus", period))


def category(p, period):
    total = p("points", period)
    adult = p("age", period) >= 18
    return np.where(adult & (total >= 85), 2, np.where(adult & (total >= 60), 1, 0))


def system():
    found = taxbenefitsystems.TaxBenefitSystem([person])
    for name in NAMES:
        found.add_variable(fact(name))
    for function in [salary_points, degree_points, years_points, months_points, chinese_points, age_points,
                     other_points, points, category]:
        found.add_variable(row(function.__name__, function))
    return found


def simulate(rules, people):
    simulation = simulation_builder.SimulationBuilder().build_default_simulation(rules, len(people))
    for index, name in enumerate(NAMES):
        simulation.set_input(name, "2026-03", people[:, index])
    return simulation.calculate("points", "2026-03"), simulation.calculate("category", "2026-03")


def main():
    people = np.fromfile(sys.argv[1], dtype="<i8").reshape(-1, 15)
    rules = system()
    simulate(rules, people[:10])
    singles = people[:200]
    start = time.perf_counter()
    for index in range(len(singles)):
        simulate(rules, singles[index:index + 1])
    single = len(singles) / (time.perf_counter() - start)
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        total, _ = simulate(rules, people)
        best = max(best, len(people) / (time.perf_counter() - start))
    print(f"openfisca, one by one  {int(single)} evaluations a second")
    print(f"openfisca, vectorised  {int(best)} evaluations a second")
    print(f"points in all {int(total.sum())}")


main()
