using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Bench.BlockRules;

/// <summary>½ Σ w_ij (x_i − x_j)² over the edges of a graph some of whose nodes have labels; the others are the unknowns.</summary>
internal static class LabelGraph
{
    /// <summary>Rows × columns nodes joined to their neighbours with weight 1; so many at random have labels from N(0, 10²).</summary>
    public static QuadraticFunction Lattice(int rows, int columns, int labelled, int seed)
    {
        var random = new Random(seed);
        var edges = new List<(int, int)>();
        for (int j = 0; j < rows * columns; j++)
        {
            if ((j + 1) % columns != 0) edges.Add((j, j + 1));
            if (j + columns < rows * columns) edges.Add((j, j + columns));
        }
        return Of(rows * columns, edges, Labels(rows * columns, labelled, random, _ => 10 * Clock.Normal(random)));
    }

    /// <summary>Two half circles with noise, each point joined to its five nearest; labels ±1 by the half circle.</summary>
    public static QuadraticFunction Moons(int nodes, int labelled, int seed)
    {
        var random = new Random(seed);
        var points = new (double X, double Y)[nodes];
        for (int i = 0; i < nodes; i++)
        {
            double angle = Math.PI * random.NextDouble();
            (double x, double y) = i % 2 == 0 ? (Math.Cos(angle), Math.Sin(angle)) : (1 - Math.Cos(angle), 0.5 - Math.Sin(angle));
            points[i] = (x + (0.1 * Clock.Normal(random)), y + (0.1 * Clock.Normal(random)));
        }
        var edges = new HashSet<(int, int)>();
        for (int i = 0; i < nodes; i++)
        {
            IEnumerable<int> nearest = Enumerable.Range(0, nodes).Where(j => j != i)
                .OrderBy(j => ((points[i].X - points[j].X) * (points[i].X - points[j].X)) + ((points[i].Y - points[j].Y) * (points[i].Y - points[j].Y))).Take(5);
            foreach (int j in nearest) edges.Add((Math.Min(i, j), Math.Max(i, j)));
        }
        return Of(nodes, edges, Labels(nodes, labelled, random, i => i % 2 == 0 ? 1 : -1));
    }

    private static double?[] Labels(int nodes, int labelled, Random random, Func<int, double> label)
    {
        int[] order = [.. Enumerable.Range(0, nodes)];
        random.Shuffle(order);
        var labels = new double?[nodes];
        foreach (int i in order[..labelled]) labels[i] = label(i);
        return labels;
    }

    private static QuadraticFunction Of(int nodes, IEnumerable<(int, int)> edges, double?[] labels)
    {
        int[] free = [.. Enumerable.Range(0, nodes).Where(i => labels[i] is null)], place = new int[nodes];
        for (int k = 0; k < free.Length; k++) place[free[k]] = k;
        var rows = free.Select((_, k) => new SortedDictionary<int, double> { [k] = 0 }).ToArray();
        double[] linear = new double[free.Length];
        double constant = 0;
        foreach ((int i, int j) in edges)
        {
            foreach ((int one, int other) in new[] { (i, j), (j, i) })
            {
                if (labels[one] is not null) continue;
                int k = place[one];
                rows[k][k] += 1;
                if (labels[other] is { } label)
                {
                    linear[k] += label;
                    constant += 0.5 * label * label;
                }
                else
                {
                    rows[k][place[other]] = -1;
                }
            }
        }
        int[] starts = new int[free.Length + 1];
        for (int k = 0; k < free.Length; k++) starts[k + 1] = starts[k] + rows[k].Count;
        return new QuadraticFunction(new SparsePattern(free.Length, free.Length, starts, [.. rows.SelectMany(r => r.Keys)]), [.. rows.SelectMany(r => r.Values)], linear, constant);
    }
}
