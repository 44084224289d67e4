"""Performance profiles (Dolan and Moré, Math. Program. 91, 2002) as an SVG."""

import math

COLOURS = {"optc": "#0b62a4", "ipopt": "#d1581b"}
NAMES = {"optc": "optc", "ipopt": "Ipopt"}
WIDTH, HEIGHT, LEFT, TOP, GAP = 380, 260, 50, 40, 70


def ratios(reports, quantity):
    """By solver: how much worse than the better one on each case that somebody solved, ascending; infinity where it failed."""
    found = {"optc": [], "ipopt": []}
    for report in reports:
        values = {solver: quantity(report[solver]) if report[solver]["solved"] else math.inf for solver in found}
        best = min(values.values())
        if best < math.inf:
            for solver, value in values.items():
                found[solver].append(value / best)
    return {solver: sorted(values) for solver, values in found.items()}


def panel(x, title, by_solver, largest):
    """One profile: fraction of cases within a factor tau of the better solver, tau on a logarithmic scale of base 2."""
    octaves = math.ceil(math.log2(largest))

    def across(tau):
        return x + WIDTH * math.log2(tau) / octaves

    def down(fraction):
        return TOP + HEIGHT * (1 - fraction)

    parts = [f'<text x="{x + WIDTH / 2}" y="{TOP - 14}" text-anchor="middle" font-weight="bold">{title}</text>',
             f'<rect x="{x}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#444"/>']
    for fifth in range(6):
        parts.append(f'<line x1="{x}" x2="{x + WIDTH}" y1="{down(fifth / 5):.1f}" y2="{down(fifth / 5):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{down(fifth / 5) + 4:.1f}" text-anchor="end">{fifth / 5:g}</text>')
    step = max(1, octaves // 6)
    for octave in range(0, octaves + 1, step):
        parts.append(f'<text x="{across(2.0**octave):.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{2**octave}</text>')
    parts.append(f'<text x="{x + WIDTH / 2}" y="{TOP + HEIGHT + 34}" text-anchor="middle">factor to the better one</text>')
    for row, (solver, values) in enumerate(by_solver.items()):
        points, count = [(1.0, 0.0)], len(values)
        for k, value in enumerate(values):
            if value > 2.0**octaves:
                break
            points += [(value, points[-1][1]), (value, (k + 1) / count)]
        points.append((2.0**octaves, points[-1][1]))
        path = " ".join(f"{across(tau):.1f},{down(fraction):.1f}" for tau, fraction in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[solver]}" stroke-width="2"/>')
        y = TOP + HEIGHT - 34 + 18 * row
        parts.append(f'<line x1="{x + WIDTH - 90}" x2="{x + WIDTH - 64}" y1="{y}" y2="{y}" stroke="{COLOURS[solver]}" stroke-width="2"/>')
        parts.append(f'<text x="{x + WIDTH - 58}" y="{y + 4}">{NAMES[solver]}</text>')
    return parts


def svg(panels):
    """A picture of (title, reports, quantity) side by side."""
    profiles = [(title, ratios(reports, quantity)) for title, reports, quantity in panels]
    parts = []
    for k, (title, by_solver) in enumerate(profiles):
        finite = [v for values in by_solver.values() for v in values if v < math.inf]
        parts += panel(LEFT + k * (WIDTH + GAP), title, by_solver, min(2.0**12, max(finite + [2.0])))
    width, height = LEFT + len(profiles) * (WIDTH + GAP), TOP + HEIGHT + 50
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="white"/>', *parts, "</svg>"]) + "\n"
