using Optc.Runtime.Native;

namespace Optc.Bench.LinearAlgebra;

/// <summary>A symmetric matrix by the columns of its lower triangle.</summary>
internal sealed record Lower(string Name, int Count, int[] Starts, int[] Rows, double[] Values);

/// <summary>The families that are timed.</summary>
internal static class Matrices
{
    public static readonly (string Name, Func<Lower> Build)[] All =
    [
        ("tridiagonal", () => Banded("tridiagonal", 1_000_000, 1)),
        ("band 4", () => Banded("band 4", 1_000_000, 4)),
        ("grid 300", () => Grid("grid 300", 300, 0)),
        ("grid 300 indefinite", () => Grid("grid 300 indefinite", 300, 2.7655)),
        ("grid 1000", () => Grid("grid 1000", 1000, 0)),
        ("chain kkt", () => ChainKkt("chain kkt", 100_000, 1e-8, true)),
        ("chain kkt zero", () => ChainKkt("chain kkt zero", 100_000, 0, true)),
        ("chain kkt absent", () => ChainKkt("chain kkt absent", 100_000, 0, false)),
        ("hubs", () => Hubs("hubs", 200_000, 300)),
    ];

    public static Lower Banded(string name, int n, int width)
    {
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, (2 * width) + 0.1);
            for (int k = 1; k <= width && i + k < n; k++) triplets.Add(i + k, i, -1);
        }
        return triplets.ToLower(name, n);
    }

    /// <summary>Five-point Laplacian minus a shift.</summary>
    private static Lower Grid(string name, int width, double shift)
    {
        var triplets = new Triplets();
        for (int i = 0; i < width * width; i++)
        {
            triplets.Add(i, i, 4 - shift);
            if ((i + 1) % width != 0) triplets.Add(i + 1, i, -1);
            if (i + width < width * width) triplets.Add(i + width, i, -1);
        }
        return triplets.ToLower(name, width * width);
    }

    /// <summary>Optimal control: x₊ = 0.9 x + 0.3 u over so many stages, a third of the states without cost.</summary>
    private static Lower ChainKkt(string name, int stages, double corner, bool storeCorner)
    {
        var triplets = new Triplets();
        for (int k = 0; k < stages; k++)
        {
            int state = 2 * k, control = state + 1, constraint = (2 * stages) + k;
            triplets.Add(state, state, k % 3 == 0 ? 0 : 1);
            triplets.Add(control, control, 0.1);
            triplets.Add(constraint, state, -1);
            triplets.Add(constraint, control, 0.3);
            if (k > 0) triplets.Add(constraint, state - 2, 0.9);
            if (storeCorner) triplets.Add(constraint, constraint, -corner);
        }
        return triplets.ToLower(name, 3 * stages);
    }

    /// <summary>Leaves that touch six of the hubs each.</summary>
    private static Lower Hubs(string name, int n, int hubs)
    {
        var random = new Random(1);
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, 3);
            for (int k = 0; k < 6 && i >= hubs; k++) triplets.Add(i, random.Next(hubs), 0.1);
        }
        return triplets.ToLower(name, n);
    }

    private sealed class Triplets
    {
        private readonly List<int> _rows = [];
        private readonly List<int> _columns = [];
        private readonly List<double> _values = [];

        public void Add(int row, int column, double value)
        {
            _rows.Add(row);
            _columns.Add(column);
            _values.Add(value);
        }

        public Lower ToLower(string name, int n)
        {
            var (starts, rows, target) = SparseKernels.CompressColumns(n, n, [.. _rows], [.. _columns]);
            var values = new double[rows.Length];
            SparseKernels.ScatterAdd([.. _values], target, values);
            return new Lower(name, n, starts, rows, values);
        }
    }
}
