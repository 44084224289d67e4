using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>The largest curvatures of blocks by their tied variables.</summary>
internal static class BlockCurvature
{
    private const int PowerSteps = 20;

    /// <summary>The mean over the blocks that are curved at the start; 1 where none is.</summary>
    public static double MeanLargest(IEnumerable<BlockDefinition> blocks)
    {
        double[] curvatures = [.. blocks.Select(Largest).Where(c => c > 0.0 && double.IsFinite(c))];
        return curvatures.Length > 0 ? curvatures.Average() : 1.0;
    }

    /// <summary>The largest eigenvalue of a block's Hessian by its tied variables at the start, by the power method.</summary>
    private static double Largest(BlockDefinition part)
    {
        INlpProblem problem = part.Problem;
        int n = problem.VariableCount;
        double[] x = problem.Start.ToArray(), weights = new double[problem.ConstraintCount], v = new double[n], product = new double[n];
        foreach (int j in part.SharedLocal) v[j] = 1.0 + (0.1 * Math.Sin(j));
        double value = 0.0;
        for (int step = 0; step < PowerSteps; step++)
        {
            double norm = Math.Sqrt(part.SharedLocal.Sum(j => v[j] * v[j]));
            if (norm == 0.0) return 0.0;
            for (int j = 0; j < n; j++) v[j] /= norm;
            problem.HessianVector(x, 1.0, weights, v, product);
            value = part.SharedLocal.Sum(j => v[j] * product[j]);
            Array.Clear(v);
            foreach (int j in part.SharedLocal) v[j] = product[j];
        }
        return value;
    }
}
