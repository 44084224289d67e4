using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>
/// The first-order penalty method (Kwon, Kwon, Wright and Nowak, On penalty methods for nonconvex bilevel optimization and first-order stochastic
/// approximation, ICLR 2024, Algorithm 1). The penalty function
/// <code>ψ_σ(x) = (min over y in Y of σF(x, y) + f(x, y) − min over z in Y of f(x, z)) / σ,</code>
/// is within O(σ) of the hyper-objective F(x, y*(x)), and ∇ψ_σ = ∇ₓF(x, y) + (∇ₓf(x, y) − ∇ₓf(x, z))/σ needs no second derivatives. Both minima are
/// followed by proximal steps, each of a few projected gradient steps. With a batch all gradients are means over it.
/// </summary>
public sealed class PenaltyMethod(FirstOrderOptions options) : FirstOrderMethod
{
    /// <summary>Weight 1/ρ of the proximal term, as a share of the curvature in y.</summary>
    private const double ProximalShare = 0.1;

    /// <inheritdoc/>
    public override string Name => "penalty";

    /// <inheritdoc/>
    public override FirstOrderResult Run(FirstOrderProblem problem, FirstOrderTrace? trace = null, Func<bool>? isOver = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Require(problem.Coupled.Count == 0, "followers' constraints that hold no variable of the leader");
        IBilevelOracle oracle = problem.Oracle;
        ConvexSet leader = problem.Leader, follower = problem.Follower;
        var batch = new MiniBatch(oracle, options.Batch, new Random(options.Seed));
        int n = oracle.LeaderCount, m = oracle.FollowerCount;
        double sigma = options.Sigma > 0.0 ? options.Sigma : 0.01;
        double[] x = [.. problem.LeaderStart], y = [.. problem.FollowerStart];
        leader.Project(x);
        follower.Project(y);
        double[] z = [.. y], u = new double[m], next = new double[n];
        double[] fx = new double[n], fy = new double[m], gx = new double[n], gz = new double[n], gy = new double[m], d = new double[n];
        double curvature = StepSizes.FollowerCurvature(oracle, x, y, sigma, options.Seed, !batch.IsExact), proximal = ProximalShare * curvature;
        double gamma = options.FollowerStep > 0.0 ? options.FollowerStep : 1.0 / (curvature + proximal);
        var step = new LeaderStep(options.LeaderStep, n);
        double stationarity = double.NaN;
        int k = 0;
        for (; k < options.Iterations && isOver?.Invoke() != true; k++)
        {
            trace?.Invoke(k, batch.Samples, x, y);
            Follow(y, sigma);
            Follow(z, 0.0);
            batch.Draw();
            // ∇ψ_σ
            batch.Upper(x, y, d, fy);
            batch.Lower(x, y, gx, gy);
            batch.Lower(x, z, gz, gy);
            VectorKernels.AddScaled(1.0 / sigma, gx, d);
            VectorKernels.AddScaled(-1.0 / sigma, gz, d);
            // x ← Π_X(x − α ∇ψ_σ)
            double alpha = step.Next(x, d);
            VectorKernels.Combine(1.0, x, -alpha, d, next);
            leader.Project(next);
            VectorKernels.Combine(1.0, x, -1.0, next, fx);
            stationarity = VectorKernels.Norm2(fx) / alpha;
            next.CopyTo(x, 0);
            if (!double.IsFinite(stationarity)) return new FirstOrderResult(x, y, double.NaN, k, batch.Samples, "the steps diverge; smaller leader_step or follower_step are needed");
            if (batch.IsExact && stationarity <= options.Tolerance)
            {
                k++;
                break;
            }
        }
        return new FirstOrderResult(x, y, batch.IsExact ? stationarity : double.NaN, k, batch.Samples);

        // A proximal step of weight · F + f along y: u ← Π_Y(u − γ(weight ∇ᵧF + ∇ᵧf + (u − y)/ρ)), then y ← u.
        void Follow(double[] center, double weight)
        {
            center.CopyTo(u, 0);
            for (int t = 0; t < options.InnerIterations && !IsOver(isOver, t); t++)
            {
                batch.Draw();
                batch.Lower(x, u, gx, gy);
                if (weight > 0.0)
                {
                    batch.Upper(x, u, fx, fy);
                    VectorKernels.AddScaled(weight, fy, gy);
                }
                VectorKernels.AddScaled(proximal, u, gy);
                VectorKernels.AddScaled(-proximal, center, gy);
                VectorKernels.AddScaled(-gamma, gy, u);
                follower.Project(u);
            }
            u.CopyTo(center, 0);
        }
    }
}
