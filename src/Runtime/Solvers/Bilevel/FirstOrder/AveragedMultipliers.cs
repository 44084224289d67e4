using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>
/// sl-BAMM (Liu, Liu, Yao, Zeng and Zhang, Averaged method of multipliers for bi-level optimization without lower-level strong convexity, ICML 2023).
/// The levels are averaged, φ_μ = μF + (1 − μ)f with μ slowly falling, so that the followers' optimum that the leader prefers is the one that is
/// followed; one step each of y, of the multiplier v of ∇ᵧφ_μ = 0, and of x along ∇ₓF − ∇²ₓᵧφ_μ v.
/// </summary>
public sealed class AveragedMultipliers(FirstOrderOptions options) : FirstOrderMethod
{
    /// <summary>μ_k = μ₀ (k + 1)^(−1/p) and the powers of the steps, as in the paper's experiments.</summary>
    private const double AveragePower = 0.1;
    private const double Tau = 1.0 / 40.0;

    /// <inheritdoc/>
    public override string Name => "sl-bamm";

    /// <inheritdoc/>
    public override FirstOrderResult Run(FirstOrderProblem problem, FirstOrderTrace? trace = null, Func<bool>? isOver = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Require(problem.Coupled.Count == 0 && problem.Follower.IsWhole, "followers without constraints and bounds");
        IBilevelOracle oracle = problem.Oracle;
        int n = oracle.LeaderCount, m = oracle.FollowerCount;
        double[] x = [.. problem.LeaderStart], y = [.. problem.FollowerStart], v = new double[m];
        problem.Leader.Project(x);
        double[] fx = new double[n], fy = new double[m], gx = new double[n], gy = new double[m], px = new double[n], py = new double[m], qx = new double[n], qy = new double[m];
        double[] next = new double[n];
        double average = options.Sigma > 0.0 ? options.Sigma : 0.9;
        double curvature = StepSizes.FollowerCurvature(oracle, x, y, 1.0, options.Seed);
        double beta = options.FollowerStep > 0.0 ? options.FollowerStep : 1.0 / curvature;
        double alpha0 = options.LeaderStep > 0.0 ? options.LeaderStep : 1.0 / curvature;
        long samples = 0;
        double stationarity = double.NaN;
        int k = 0;
        for (; k < options.Iterations && isOver?.Invoke() != true; k++)
        {
            trace?.Invoke(k, samples, x, y);
            double mu = average * Math.Pow(k + 1.0, -AveragePower);
            double eta = beta * Math.Pow(k + 1.0, -0.5 * Tau), alpha = alpha0 * Math.Pow(k + 1.0, -1.5 * Tau) * mu * mu * mu;
            oracle.Upper(x, y, fx, fy);
            oracle.Lower(x, y, gx, gy);
            oracle.UpperProduct(x, y, v, px, py);
            oracle.LowerProduct(x, y, v, qx, qy);
            samples += 4L * oracle.SampleCount;

            // d_x = ∇ₓF − ∇²ₓᵧφ_μ v,  d_v = ∇²ᵧᵧφ_μ v − ∇ᵧF,  d_y = ∇ᵧφ_μ
            VectorKernels.AddScaled(-mu, px, fx);
            VectorKernels.AddScaled(mu - 1.0, qx, fx);
            VectorKernels.Combine(mu, py, 1.0 - mu, qy, py);
            VectorKernels.AddScaled(-1.0, fy, py);
            VectorKernels.Combine(mu, fy, 1.0 - mu, gy, gy);
            VectorKernels.AddScaled(-beta, gy, y);
            VectorKernels.AddScaled(-eta, py, v);
            VectorKernels.Combine(1.0, x, -alpha, fx, next);
            problem.Leader.Project(next);
            // The residual of all three conditions.
            double moved = VectorKernels.MaxAbsDifference(x, next) / alpha;
            stationarity = Math.Max(moved, Math.Max(VectorKernels.MaxAbs(gy), VectorKernels.MaxAbs(py)));
            next.CopyTo(x, 0);
            if (!double.IsFinite(stationarity)) return new FirstOrderResult(x, y, double.NaN, k, samples, "the steps diverge; smaller leader_step or follower_step are needed");
            // The conditions are those of the average; the leader's share in it must be small, too.
            if (Math.Max(stationarity, mu * VectorKernels.MaxAbs(fy)) <= options.Tolerance)
            {
                k++;
                break;
            }
        }
        return new FirstOrderResult(x, y, stationarity, k, samples);
    }
}
