using System.Globalization;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>Forests moved exactly by messages against single coordinates, colours and small dense blocks, on label propagation.</summary>
internal static class MessagePassing
{
    private const double Goal = 1e-6;

    private static readonly (string Name, string Options)[] Ways =
    [
        ("random coordinates", "rule=random"),
        ("shuffled coordinates", "rule=shuffled"),
        ("greedy coordinates", "rule=gs"),
        ("red and black, cyclic", "rule=cyclic block=independent"),
        ("fixed forests, cyclic", "rule=cyclic block=forest"),
        ("random forests", "rule=random block=forest variable=yes"),
        ("greedy forests", "rule=gs block=forest variable=yes"),
        ("greedy general blocks", "rule=gs block={0} variable=yes update=matrix"),
    ];

    public static void Run(Report report)
    {
        report.Heading("Message passing: forests as blocks");
        report.Text($"""
            Nutini, Laradji and Schmidt (JMLR 23, 2022) claim that a block whose coordinates depend on each other as a forest is minimised exactly in O(|b|) by message passing, where a
            general block takes O(|b|³), and that such huge blocks make much more progress in an iteration: among choices whose iteration costs O(n), trees grown greedily by |∂f| fall fastest on their two label
            propagation problems (figure 6: then tree partitions, random trees and red-black colours), and greedy general blocks of n^(1/3) coordinates slowest. Both problems are built anew after the
            paper's description (their data is not used; weights are 1): ½ Σ (x_i − x_j)² over a lattice of 50 × 50 nodes, 100 of them with labels from N(0, 10²); and over 2000 points of two half moons, joined to
            their 5 nearest, 100 labelled ±1. From zero to F − F* ≤ {Goal:0e0} (F(0) − F*), no Newton finish. Fixed forests are made by first fit, as the paper does for general graphs (on the
            lattice it takes two interleaved combs). An iteration moves one block. Seconds are processor seconds from zero, set-up included (best of 3).
            """);
        Contest(report, "Lattice, 50 × 50", LabelGraph.Lattice(50, 50, 100, 1), "cd-rules-forests-lattice.svg");
        Contest(report, "Two moons, 2000 points", LabelGraph.Moons(2000, 100, 1), "cd-rules-forests-moons.svg");
        Growth(report);
    }

    private static void Contest(Report report, string title, QuadraticFunction f, string picture)
    {
        int n = f.VariableCount;
        f.MoveTo(new double[n]);
        double start = f.Value(), best = Best(f);
        var rows = new List<object[]>();
        List<Line> byIteration = [], bySeconds = [];
        double reference = 0;
        foreach ((string name, string pattern) in Ways)
        {
            string options = string.Format(CultureInfo.InvariantCulture, pattern, (int)Math.Cbrt(n));
            bool isSingle = !options.Contains("block", StringComparison.Ordinal);
            (List<(double X, double Y)> points, int blocks) = Trace(f, options, isSingle ? n / 50 : 1, best, start - best);
            int steps = (int)points[^1].X;
            double seconds = Clock.Best(3, () => Solve(f, Options(options) with { EpochSteps = steps, MaxEpochs = 1 }));
            if (reference == 0) reference = steps;
            double after = isSingle ? double.NaN : points[Math.Min(10, points.Count - 1)].Y;
            rows.Add([name, $"`{options}`", options.Contains("variable", StringComparison.Ordinal) ? "variable" : blocks, steps, reference / steps, double.IsNaN(after) ? "" : after, seconds, 1e6 * seconds / steps]);
            byIteration.Add(new Line(name, Thin(points)));
            bySeconds.Add(new Line(name, [.. Thin(points).Select(p => (p.X * seconds / steps, p.Y))]));
        }
        report.Text($"{title}: {n} unknowns.");
        report.Table(["blocks", "options", "number", "iterations", "random coordinates' / these", "gap after 10", "s", "µs an iteration"], rows);
        report.Picture(picture, $"{title}: relative gap by iterations and by seconds", new Panel("by iterations", "iterations", byIteration, true), new Panel("by seconds (iterations times the mean cost)", "seconds", bySeconds, true));
    }

    /// <summary>How the cost of an iteration grows with the lattice, and what a dense matrix for as many coordinates takes.</summary>
    private static void Growth(Report report)
    {
        var rows = new List<object[]>();
        foreach (int side in new[] { 25, 50, 100, 200, 400 })
        {
            QuadraticFunction f = LabelGraph.Lattice(side, side, side * side / 25, 1);
            BlockResult once = Solve(f, Options("rule=cyclic block=forest") with { EpochSteps = 1, MaxEpochs = 1 });
            double fixedForest = Cost(f, "rule=cyclic block=forest", 20), greedy = Cost(f, "rule=gs block=forest variable=yes", 20);
            int size = f.VariableCount / once.Blocks;
            object dense = side <= 50 ? Cost(f, $"rule=gs block={size} variable=yes update=matrix", 2) : "";
            rows.Add([$"{side} × {side}", f.VariableCount, once.Blocks, size, 1e6 * fixedForest, 1e9 * fixedForest / size, 1e6 * greedy, 1e9 * greedy / size, dense is double d ? 1e6 * d : ""]);
        }
        report.Text("Cost of an iteration as the lattice grows (fixed forests, greedy forests, and a dense matrix of as many coordinates as a fixed forest has in the mean):");
        report.Table(["lattice", "unknowns", "forests", "coordinates of one", "fixed µs", "ns a coordinate", "greedy µs", "ns a coordinate", "dense µs"], rows);
    }

    /// <summary>Seconds an iteration beyond the set-up.</summary>
    private static double Cost(QuadraticFunction f, string options, int steps)
    {
        double few = Clock.Best(3, () => Solve(f, Options(options) with { EpochSteps = 1, MaxEpochs = 1 }));
        double many = Clock.Best(3, () => Solve(f, Options(options) with { EpochSteps = steps + 1, MaxEpochs = 1 }));
        return (many - few) / steps;
    }

    private static (List<(double X, double Y)> Points, int Blocks) Trace(QuadraticFunction f, string options, int every, double best, double size)
    {
        var points = new List<(double X, double Y)> { (0, 1) };
        using var stop = new CancellationTokenSource();
        BlockResult result = new BlockSolver(f, Penalty(f), Options(options) with { EpochSteps = every }).Solve(new double[f.VariableCount], new SolveRequest
        {
            Progress = record =>
            {
                if (stop.IsCancellationRequested) return;
                points.Add((record.Inner, (record.Objective - best) / size));
                if (points[^1].Y <= Goal) stop.Cancel();
            },
        }, stop.Token);
        return (points, result.Blocks);
    }

    /// <summary>Points at least 2 % apart, so that pictures stay small.</summary>
    private static List<(double X, double Y)> Thin(List<(double X, double Y)> points)
    {
        var kept = new List<(double X, double Y)>();
        foreach ((double X, double Y) p in points)
        {
            if (kept.Count == 0 || p.X >= 1.02 * kept[^1].X || p == points[^1]) kept.Add(p);
        }
        return kept;
    }

    private static double Best(QuadraticFunction f) =>
        Solve(f, new BlockOptions { Rule = SelectionRule.Cyclic, Shape = BlockShape.Forest, Acceleration = AccelerationKind.Anderson, Tolerance = 1e-13, Finish = false }).Objective;

    private static BlockResult Solve(QuadraticFunction f, BlockOptions options) => new BlockSolver(f, Penalty(f), options).Solve(new double[f.VariableCount], new SolveRequest());

    private static BlockPenalty Penalty(QuadraticFunction f) => new(new SeparablePenalty(f.VariableCount));

    private static BlockOptions Options(string text) => SparseData.Options($"{text} finish=no tolerance=1e-14");
}
