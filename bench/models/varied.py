#!/usr/bin/env python3
"""Writes a model whose every constraint has a shape of its own: random trees of 10 to 25 operators over 3 to 6 variables.

    bench/models/varied.py [--constraints 2000] [--seed 1] > varied.opt

The same seed gives the same text. Trees are drawn until all their values near the start are moderate.
"""

import argparse
import math
import random

LARGEST = 20.0
BINARY = ["+", "-", "*", "/"]
UNARY = ["^2", "^3", "root", "exp", "sin", "cos", "log"]


class TooLarge(Exception):
    pass


def tree(draw, operators, slots):
    """Text and value of a random tree with that many operators; the divisions' squares and the like are not counted."""
    if operators == 0:
        name, value = draw.choice(slots)
        if draw.random() < 0.2:
            constant = round(draw.uniform(0.2, 2.0), 3)
            return f"{constant}", constant
        return name, value
    if draw.random() < 0.55:
        left = draw.randrange(operators)
        a, u = tree(draw, left, slots)
        b, v = tree(draw, operators - 1 - left, slots)
        kind = draw.choice(BINARY)
        if kind == "/":
            return f"({a})/(1.5 + ({b})^2)", checked(u / (1.5 + v * v))
        value = {"+": u + v, "-": u - v, "*": u * v}[kind]
        return (f"{a} + {b}" if kind == "+" else f"({a}) {kind} ({b})"), checked(value)
    a, u = tree(draw, operators - 1, slots)
    kind = draw.choice(UNARY)
    if kind == "exp" and u > 2.5:
        raise TooLarge
    return {
        "^2": lambda: (f"({a})^2", checked(u**2)),
        "^3": lambda: (f"({a})^3", checked(u**3)),
        "root": lambda: (f"sqrt(1 + ({a})^2)", math.sqrt(1 + u * u)),
        "exp": lambda: (f"exp({a})", math.exp(u)),
        "sin": lambda: (f"sin({a})", math.sin(u)),
        "cos": lambda: (f"cos({a})", math.cos(u)),
        "log": lambda: (f"log(1 + ({a})^2)", math.log(1 + u * u)),
    }[kind]()


def checked(value):
    if abs(value) > LARGEST:
        raise TooLarge
    return value


def constraint(draw, start):
    while True:
        variables = draw.sample(range(len(start)), draw.randint(3, 6))
        slots = [(f"x[{j + 1}]", start[j]) for j in variables]
        try:
            text, value = tree(draw, draw.randint(10, 25), slots)
        except TooLarge:
            continue
        if sum(name in text for name, _ in slots) >= 3:
            return text, value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--constraints", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    n = max(10, options.constraints // 2)
    start = [0.3 + 1.2 * (i + 1) / n for i in range(n)]
    print(f"# Written by varied.py --constraints {options.constraints} --seed {options.seed}.")
    print(f"param n := {n};\nvar x{{i in 1..n}} := 0.3 + 1.2*i/n;\n")
    print("minimize distance: sum{i in 1..n-1} ((x[i] - 1)^2 + 0.1*x[i]^2*x[i+1]^2);\n")
    for k in range(options.constraints):
        text, value = constraint(draw, start)
        print(f"s.t. c{k + 1}: {text} <= {math.ceil(value) + 1};")


if __name__ == "__main__":
    main()
