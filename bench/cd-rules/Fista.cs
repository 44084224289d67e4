using Optc.Runtime.Native;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>
/// Accelerated proximal gradient: FISTA (Beck, Teboulle, SIAM J. Imaging Sci. 2, 2009) with L found by doubling and a restart where the
/// objective rises (O'Donoghue, Candès, 2015).
/// </summary>
internal static class Fista
{
    /// <summary>Runs from zero until the objective is at the goal; the number of gradients.</summary>
    public static int Solve(CompositeProblem problem, double goal, int limit, Action<int, double> progress)
    {
        int features = problem.Matrix.ColumnCount, samples = problem.Labels.Length;
        double[] x = new double[features], y = new double[features], old = new double[features], z = new double[samples], g = new double[samples], zero = new double[samples], gradient = new double[features];
        double before = double.PositiveInfinity, t = 1, lipschitz = 1e-3;
        for (int taken = 1; taken <= limit; taken++)
        {
            problem.Matrix.Multiply(y, zero, z);
            double f = problem.Loss.Gradient(problem.Labels, problem.Weights, z, g);
            for (int j = 0; j < features; j++) gradient[j] = problem.Matrix.Dot(j, g);
            x.CopyTo(old, 0);
            double value;
            while (true)
            {
                double model = f, penalty = 0;
                for (int j = 0; j < features; j++)
                {
                    x[j] = problem.Penalty.Prox(j, y[j] - (gradient[j] / lipschitz), lipschitz);
                    double d = x[j] - y[j];
                    model += d * (gradient[j] + (0.5 * lipschitz * d));
                    penalty += problem.Penalty.Value(j, x[j]);
                }
                problem.Matrix.Multiply(x, zero, z);
                value = problem.Loss.Value(problem.Labels, problem.Weights, z);
                if (value <= model + (1e-12 * Math.Abs(model)))
                {
                    value += penalty;
                    break;
                }
                lipschitz *= 2;
            }
            progress(taken, value);
            if (value <= goal) return taken;
            double next = value > before ? 1 : 0.5 * (1 + Math.Sqrt(1 + (4 * t * t)));
            double momentum = value > before ? 0 : (t - 1) / next;
            VectorKernels.Combine(1 + momentum, x, -momentum, old, y);
            (t, before) = (next, value);
        }
        return limit + 1;
    }
}
