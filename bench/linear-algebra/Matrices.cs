namespace Optc.Bench.LinearAlgebra;

/// <summary>The matrices that are timed.</summary>
internal static class Matrices
{
    public static readonly (string Name, Func<string, Lower> Build)[] All =
    [
        ("hs 6", name => RandomKkt(name, 4, 2, 2, 1e-6)),
        ("hs 15", name => RandomKkt(name, 10, 5, 3, 1e-6)),
        ("hs 45", name => RandomKkt(name, 30, 15, 3, 1e-6)),
        ("hs 45 zero block", name => RandomKkt(name, 30, 15, 3, 0)),
        ("tridiagonal 10⁶", name => Banded(name, 1_000_000, 1)),
        ("band of 4", name => Banded(name, 500_000, 4)),
        ("grid 300²", name => Grid(name, 300, 1, 0)),
        ("grid 300² indefinite", name => Grid(name, 300, 1, 2.7655)),
        ("grid 1000²", name => Grid(name, 1000, 1, 0)),
        ("grid 20³", name => Grid(name, 20, 20, 0)),
        ("grid 40³", name => Grid(name, 40, 40, 0)),
        ("grid 30³ indefinite", name => Grid(name, 30, 30, 3.1)),
        ("control", name => Control(name, 5000, 6, 2, 1e-6, 1e-4)),
        ("control zero block", name => Control(name, 5000, 6, 2, 0, 0)),
        ("chain zero block", name => Control(name, 100_000, 1, 1, 0, 0)),
        ("clnlbeam 5000", name => Beam(name, 5000, 0)),
        ("rocket 800", name => Rocket(name, 800, 1e-8)),
        ("rocket 5000", name => Rocket(name, 5000, 1e-8)),
        ("Lukšan-Vlček 10⁵", name => LuksanVlcek(name, 100_000, 1e-6)),
        ("PDE control 100²", name => PdeControl(name, 100, 1e-4, 0)),
        ("PDE control 100² regularised", name => PdeControl(name, 100, 1e-4, 1e-8)),
        ("random 3000", name => Random(name, 3000, 3)),
        ("random KKT 6250", name => RandomKkt(name, 5_000, 1_250, 2, 1e-6)),
        ("random KKT 6250 zero block", name => RandomKkt(name, 5_000, 1_250, 2, 0)),
        ("arrow", name => Arrow(name, 20_000)),
        ("dense rows", name => DenseRows(name, 50_000, 20)),
        ("hubs", name => Hubs(name, 20_000, 100)),
    ];

    /// <summary>For warming up: many kinds of pivots and fronts.</summary>
    public static Lower WarmUp(int size) => Grid("warm-up", size, 1, 2.7655);

    private static Lower Banded(string name, int n, int width)
    {
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, (2 * width) + 0.1);
            for (int k = 1; k <= width && i + k < n; k++) triplets.Add(i + k, i, -1);
        }
        return triplets.ToLower(name, Kind.Definite, n);
    }

    /// <summary>Laplacian of five or seven points minus a shift.</summary>
    private static Lower Grid(string name, int width, int depth, double shift)
    {
        var triplets = new Triplets();
        int n = width * width * depth;
        AddLaplacian(triplets, width, depth, 0, 0, 1, (depth > 1 ? 6 : 4) - shift);
        return triplets.ToLower(name, shift == 0 ? Kind.Definite : Kind.Indefinite, n);
    }

    private static void AddLaplacian(Triplets triplets, int width, int depth, int row, int column, double scale, double diagonal)
    {
        int layer = width * width, n = layer * depth;
        for (int i = 0; i < n; i++)
        {
            triplets.Add(row + i, column + i, scale * diagonal);
            if ((i + 1) % width != 0) Both(i + 1, i);
            if ((i % layer) + width < layer) Both(i + width, i);
            if (i + layer < n) Both(i + layer, i);
        }

        void Both(int i, int j)
        {
            triplets.Add(row + i, column + j, -scale);
            if (row != column) triplets.Add(row + j, column + i, -scale);
        }
    }

    /// <summary>Optimal control: x₊ = A x + B u with full A and B over so many stages; a third of the states without cost.</summary>
    private static Lower Control(string name, int stages, int states, int controls, double corner, double cost)
    {
        var random = new Random(2);
        var triplets = new Triplets();
        int block = states + controls;
        for (int k = 0; k < stages; k++)
        {
            for (int i = 0; i < states; i++)
            {
                int constraint = (stages * block) + (k * states) + i;
                triplets.Add((k * block) + i, (k * block) + i, (k + i) % 3 == 0 ? cost : 1);
                triplets.Add(constraint, (k * block) + i, -1);
                for (int j = 0; j < states && k > 0; j++)
                    triplets.Add(constraint, ((k - 1) * block) + j, i == j ? 0.9 : 0.1 * (random.NextDouble() - 0.5));
                for (int j = 0; j < controls; j++) triplets.Add(constraint, (k * block) + states + j, 0.3 * random.NextDouble());
                triplets.Add(constraint, constraint, -corner);
            }
            for (int j = 0; j < controls; j++) triplets.Add((k * block) + states + j, (k * block) + states + j, 0.1);
        }
        return triplets.ToLower(name, corner > 0 && cost > 0 ? Kind.QuasiDefinite : Kind.Indefinite, stages * (block + states));
    }

    /// <summary>Clamped beam by the trapezoidal rule (Maurer, Mittelmann; CUTE), angle, displacement, control a node; the
    /// Hessian of the cosine is negative.</summary>
    private static Lower Beam(string name, int intervals, double corner)
    {
        var triplets = new Triplets();
        int nodes = intervals + 1, n = 3 * nodes;
        double h = 1.0 / intervals;
        for (int i = 0; i < nodes; i++)
        {
            triplets.Add(i, i, -350 * h * Math.Cos(0.05 * i * h));
            triplets.Add(nodes + i, nodes + i, i % 7 == 0 ? 3.0 : 1e-4);
            triplets.Add((2 * nodes) + i, (2 * nodes) + i, h);
        }
        for (int i = 1; i < nodes; i++)
        {
            int bend = n + (2 * i) - 2, turn = bend + 1;
            for (int k = i - 1; k <= i; k++)
            {
                double sign = k == i ? 1 : -1;
                triplets.Add(bend, nodes + k, sign);
                triplets.Add(bend, k, -0.5 * h * Math.Cos(0.05 * k * h));
                triplets.Add(turn, k, sign);
                triplets.Add(turn, (2 * nodes) + k, -0.5 * h);
            }
            triplets.Add(bend, bend, -corner);
            triplets.Add(turn, turn, -corner);
        }
        return triplets.ToLower(name, Kind.Indefinite, n + (2 * intervals));
    }

    /// <summary>Goddard's rocket with free final time (COPS): height, velocity, mass, thrust a node, and the step, which
    /// every constraint has in it.</summary>
    private static Lower Rocket(string name, int intervals, double corner)
    {
        var random = new Random(3);
        var triplets = new Triplets();
        int nodes = intervals + 1, step = 4 * nodes, n = step + 1;
        double h = 1.0 / intervals;
        for (int i = 0; i < nodes; i++)
        {
            for (int a = 0; a < 4; a++)
            {
                triplets.Add((4 * i) + a, (4 * i) + a, random.Next(3) == 0 ? 10 * random.NextDouble() : 1e-6);
                for (int b = 0; b < a; b++) triplets.Add((4 * i) + a, (4 * i) + b, h * (random.NextDouble() - 0.5));
                triplets.Add(step, (4 * i) + a, random.NextDouble() - 0.5);
            }
        }
        triplets.Add(step, step, 1e-6);
        for (int i = 1; i < nodes; i++)
        {
            int equation = n + (3 * (i - 1));
            for (int k = i - 1; k <= i; k++)
            {
                double sign = k == i ? 1 : -1;
                triplets.Add(equation, 4 * k, sign);
                triplets.Add(equation, (4 * k) + 1, -0.5 * h);
                triplets.Add(equation + 1, 4 * k, h);
                triplets.Add(equation + 1, (4 * k) + 1, sign);
                triplets.Add(equation + 1, (4 * k) + 2, h * random.NextDouble());
                triplets.Add(equation + 1, (4 * k) + 3, -h * random.NextDouble());
                triplets.Add(equation + 2, (4 * k) + 2, sign);
                triplets.Add(equation + 2, (4 * k) + 3, h);
            }
            for (int a = 0; a < 3; a++)
            {
                triplets.Add(equation + a, step, random.NextDouble() - 0.5);
                triplets.Add(equation + a, equation + a, -corner);
            }
        }
        return triplets.ToLower(name, Kind.Indefinite, n + (3 * intervals));
    }

    /// <summary>Newton's system of the chained Rosenbrock function with trigonometric constraints (Lukšan, Vlček, 1999).</summary>
    private static Lower LuksanVlcek(string name, int n, double corner)
    {
        var random = new Random(4);
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, 1200 + (100 * random.NextDouble()));
            if (i + 1 < n) triplets.Add(i + 1, i, -400 * random.NextDouble());
        }
        for (int c = 0; c < n - 2; c++)
        {
            triplets.Add(n + c, c, -2 * random.NextDouble());
            triplets.Add(n + c, c + 1, 8 + random.NextDouble());
            triplets.Add(n + c, c + 2, 2 * random.NextDouble());
            triplets.Add(n + c, n + c, -corner);
        }
        return triplets.ToLower(name, Kind.QuasiDefinite, (2 * n) - 2);
    }

    /// <summary>min ½‖y − d‖² + α/2 ‖u‖² with −Δy = u: [M, 0, K; 0, αM, −M; K, −M, −δ] on a square.</summary>
    private static Lower PdeControl(string name, int width, double alpha, double corner)
    {
        var triplets = new Triplets();
        int n = width * width;
        double mass = 1.0 / n;
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, mass);
            triplets.Add(n + i, n + i, alpha * mass);
            triplets.Add((2 * n) + i, n + i, -mass);
            triplets.Add((2 * n) + i, (2 * n) + i, -corner);
        }
        AddLaplacian(triplets, width, 1, 2 * n, 0, 1, 4);
        return triplets.ToLower(name, corner > 0 ? Kind.QuasiDefinite : Kind.Indefinite, 3 * n);
    }

    private static Lower Random(string name, int n, int perRow)
    {
        var random = new Random(5);
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, random.NextDouble() - 0.5);
            for (int k = 0; k < perRow && i > 0; k++) triplets.Add(i, random.Next(i), random.NextDouble() - 0.5);
        }
        return triplets.ToLower(name, Kind.Indefinite, n);
    }

    /// <summary>Hessian with a few neighbours, constraints in variables anywhere, but a few far away.</summary>
    private static Lower RandomKkt(string name, int variables, int constraints, int perRow, double corner)
    {
        var random = new Random(6);
        var triplets = new Triplets();
        for (int i = 0; i < variables; i++)
        {
            triplets.Add(i, i, corner == 0 && random.Next(3) == 0 ? 0 : 4 + random.NextDouble());
            if (i > 0) triplets.Add(i, i - 1, corner == 0 ? random.NextDouble() - 0.5 : 1);
        }
        for (int c = 0; c < constraints; c++)
        {
            triplets.Add(variables + c, variables + c, -corner);
            triplets.Add(variables + c, c * (variables / constraints), 1);
            for (int k = 0; k < perRow; k++) triplets.Add(variables + c, random.Next(variables), random.NextDouble() - 0.5);
        }
        return triplets.ToLower(name, corner > 0 ? Kind.QuasiDefinite : Kind.Indefinite, variables + constraints);
    }

    private static Lower Arrow(string name, int n)
    {
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, i == 0 ? 1 : 2 + (i % 5));
            if (i > 0) triplets.Add(i, 0, 1);
        }
        return triplets.ToLower(name, Kind.Indefinite, n);
    }

    /// <summary>A tridiagonal matrix and constraints in every variable.</summary>
    private static Lower DenseRows(string name, int n, int dense)
    {
        var random = new Random(7);
        var triplets = new Triplets();
        for (int i = 0; i < n; i++)
        {
            triplets.Add(i, i, 4);
            if (i > 0) triplets.Add(i, i - 1, -1);
            for (int d = 0; d < dense; d++) triplets.Add(n + d, i, random.NextDouble() - 0.5);
        }
        for (int d = 0; d < dense; d++) triplets.Add(n + d, n + d, -1e-6);
        return triplets.ToLower(name, Kind.QuasiDefinite, n + dense);
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
        return triplets.ToLower(name, Kind.Indefinite, n);
    }
}
