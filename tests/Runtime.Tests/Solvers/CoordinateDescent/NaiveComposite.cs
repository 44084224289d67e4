using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.CoordinateDescent;

/// <summary>
/// The naive twin: plain cyclic proximal coordinate descent with constant curvatures on the full matrix, and the conditions of an
/// optimum written out entry by entry. Shares no code with the solver but the problem's numbers.
/// </summary>
internal static class NaiveComposite
{
    /// <summary>Entries of a matrix.</summary>
    public static double[,] Entries(DesignMatrix matrix)
    {
        var x = new double[matrix.RowCount, matrix.ColumnCount];
        var unit = new double[matrix.RowCount];
        for (int i = 0; i < matrix.RowCount; i++)
        {
            unit[i] = 1;
            for (int j = 0; j < matrix.ColumnCount; j++) x[i, j] = matrix.Dot(j, unit);
            unit[i] = 0;
        }
        return x;
    }

    public static double Loss(string name, double y, double z, double delta) => name switch
    {
        "least squares" => 0.5 * (z - y) * (z - y),
        "logistic" => (z > 0 ? z + Math.Log(1 + Math.Exp(-z)) : Math.Log(1 + Math.Exp(z))) - (y * z),
        "Poisson" => Math.Exp(z) - (y * z),
        "squared hinge" => 0.5 * Math.Pow(Math.Max(0, 1 - (y * z)), 2),
        "Huber" => Math.Abs(z - y) <= delta ? 0.5 * (z - y) * (z - y) : delta * (Math.Abs(z - y) - (0.5 * delta)),
        _ => throw new ArgumentException(name),
    };

    public static double Slope(string name, double y, double z, double delta) => name switch
    {
        "least squares" => z - y,
        "logistic" => (1 / (1 + Math.Exp(-z))) - y,
        "Poisson" => Math.Exp(z) - y,
        "squared hinge" => -y * Math.Max(0, 1 - (y * z)),
        "Huber" => Math.Clamp(z - y, -delta, delta),
        _ => throw new ArgumentException(name),
    };

    private static double Delta(CompositeProblem problem) => problem.Loss is HuberLoss huber ? huber.Delta : 0;

    public static double Objective(CompositeProblem problem, double[] b)
    {
        double[,] x = Entries(problem.Matrix);
        double sum = problem.Constant;
        for (int i = 0; i < problem.Matrix.RowCount; i++)
        {
            double z = problem.Offset?[i] ?? 0;
            for (int j = 0; j < b.Length; j++) z += x[i, j] * b[j];
            sum += problem.Weights[i] * Loss(problem.Loss.Name, problem.Labels[i], z, Delta(problem));
        }
        SeparablePenalty g = problem.Penalty;
        for (int j = 0; j < b.Length; j++) sum += (g.L1[j] * Math.Abs(b[j])) + (0.5 * g.L2[j] * b[j] * b[j]) + (g.Linear[j] * b[j]);
        return sum;
    }

    /// <summary>Largest distance of a negative partial derivative to the subdifferential, written out from its definition.</summary>
    public static double Violation(CompositeProblem problem, double[] b)
    {
        double[] gradient = Gradient(problem, Entries(problem.Matrix), b);
        SeparablePenalty g = problem.Penalty;
        double worst = 0;
        for (int j = 0; j < b.Length; j++)
        {
            Assert.InRange(b[j], g.Lower[j], g.Upper[j]);
            double smooth = gradient[j] + (g.L2[j] * b[j]) + g.Linear[j];
            double right = smooth + (b[j] >= 0 ? g.L1[j] : -g.L1[j]), left = smooth + (b[j] > 0 ? g.L1[j] : -g.L1[j]);
            // A step to the right must not fall, nor one to the left.
            if (b[j] < g.Upper[j]) worst = Math.Max(worst, -right);
            if (b[j] > g.Lower[j]) worst = Math.Max(worst, left);
        }
        return worst;
    }

    private static double[] Gradient(CompositeProblem problem, double[,] x, double[] b)
    {
        var gradient = new double[b.Length];
        for (int i = 0; i < problem.Matrix.RowCount; i++)
        {
            double z = problem.Offset?[i] ?? 0;
            for (int j = 0; j < b.Length; j++) z += x[i, j] * b[j];
            double slope = problem.Weights[i] * Slope(problem.Loss.Name, problem.Labels[i], z, Delta(problem));
            for (int j = 0; j < b.Length; j++) gradient[j] += slope * x[i, j];
        }
        return gradient;
    }

    /// <summary>Plain proximal gradient descent with backtracking.</summary>
    public static double[] Solve(CompositeProblem problem, int iterations)
    {
        double[,] x = Entries(problem.Matrix);
        SeparablePenalty g = problem.Penalty;
        var b = new double[problem.Matrix.ColumnCount];
        double a = 1, value = Objective(problem, b);
        for (int k = 0; k < iterations; k++)
        {
            double[] gradient = Gradient(problem, x, b);
            while (true)
            {
                var next = new double[b.Length];
                for (int j = 0; j < b.Length; j++)
                {
                    double v = (a * b[j]) - gradient[j] - g.Linear[j];
                    double soft = Math.Sign(v) * Math.Max(0, Math.Abs(v) - g.L1[j]) / (a + g.L2[j]);
                    next[j] = Math.Clamp(soft, g.Lower[j], g.Upper[j]);
                }
                double candidate = Objective(problem, next);
                if (candidate <= value + 1e-15 || a > 1e12)
                {
                    (b, value) = (next, candidate);
                    a *= 0.9;
                    break;
                }
                a *= 2;
            }
        }
        return b;
    }
}
