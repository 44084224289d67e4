using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>
/// The penalty method in a single loop with momentum-assisted gradients (Kwon, Kwon, Wright and Nowak, ICLR 2024, Algorithm 2): one step of y, z
/// and x at a time, every gradient followed by a recursive estimate with a batch of constant size. Without a batch the estimates are
/// the gradients.
/// </summary>
public sealed class SingleLoopPenalty(FirstOrderOptions options) : FirstOrderMethod
{
    /// <summary>Share of the reciprocal curvature that x moves by when no step is given: y and z have one step to follow.</summary>
    private const double LeaderShare = 0.1;

    /// <inheritdoc/>
    public override string Name => "penalty-single";

    /// <inheritdoc/>
    public override FirstOrderResult Run(FirstOrderProblem problem, FirstOrderTrace? trace = null, Func<bool>? isOver = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Require(problem.Coupled.Count == 0, "followers' constraints that hold no variable of the leader");
        IBilevelOracle oracle = problem.Oracle;
        var batch = new MiniBatch(oracle, options.Batch, new Random(options.Seed));
        int n = oracle.LeaderCount, m = oracle.FollowerCount;
        double sigma = options.Sigma > 0.0 ? options.Sigma : 0.01, eta = batch.IsExact ? 1.0 : options.Momentum;
        double[] x = [.. problem.LeaderStart], y = [.. problem.FollowerStart];
        problem.Leader.Project(x);
        problem.Follower.Project(y);
        double[] z = [.. y], xBefore = [.. x], yBefore = [.. y], zBefore = [.. y];
        double curvature = StepSizes.FollowerCurvature(oracle, x, y, sigma, options.Seed, !batch.IsExact);
        double gamma = options.FollowerStep > 0.0 ? options.FollowerStep : 1.0 / curvature;
        double alpha = options.LeaderStep > 0.0 ? options.LeaderStep : LeaderShare / curvature;
        // h_x = ∇ₓF(x, y) + (∇ₓf(x, y) − ∇ₓf(x, z))/σ,  h_y = σ∇ᵧF(x, y) + ∇ᵧf(x, y),  h_z = ∇ᵧf(x, z)
        RecursiveGradient hx = new(n), hy = new(m), hz = new(m);
        double[] fx = new double[n], fy = new double[m], gx = new double[n], gy = new double[m], kx = new double[n], kz = new double[m];
        double[] oldX = new double[n], oldY = new double[m], oldZ = new double[m], next = new double[n];
        double stationarity = double.NaN;
        int k = 0;
        for (; k < options.Iterations && isOver?.Invoke() != true; k++)
        {
            trace?.Invoke(k, batch.Samples, x, y);
            batch.Draw();
            if (eta < 1.0 && k > 0)
            {
                Gradients(xBefore, yBefore, zBefore);
                fx.CopyTo(oldX, 0);
                gy.CopyTo(oldY, 0);
                kz.CopyTo(oldZ, 0);
            }
            Gradients(x, y, z);
            hx.Update(fx, oldX, eta, 1.0 - eta);
            hy.Update(gy, oldY, eta, 1.0 - eta);
            hz.Update(kz, oldZ, eta, 1.0 - eta);
            x.CopyTo(xBefore, 0);
            y.CopyTo(yBefore, 0);
            z.CopyTo(zBefore, 0);
            VectorKernels.AddScaled(-gamma, hy.Value, y);
            problem.Follower.Project(y);
            VectorKernels.AddScaled(-gamma, hz.Value, z);
            problem.Follower.Project(z);
            VectorKernels.Combine(1.0, x, -alpha, hx.Value, next);
            problem.Leader.Project(next);
            VectorKernels.Combine(1.0, x, -1.0, next, fx);
            stationarity = VectorKernels.Norm2(fx) / alpha;
            next.CopyTo(x, 0);
            if (!double.IsFinite(stationarity)) return new FirstOrderResult(x, y, double.NaN, k, batch.Samples, "the steps diverge; smaller leader_step or follower_step are needed");
            // Small while y and z still move it says nothing.
            if (batch.IsExact && stationarity <= options.Tolerance && Moved() <= options.Tolerance)
            {
                k++;
                break;
            }
        }
        return new FirstOrderResult(x, y, batch.IsExact ? stationarity : double.NaN, k, batch.Samples);

        double Moved() => Math.Max(VectorKernels.MaxAbsDifference(y, yBefore), VectorKernels.MaxAbsDifference(z, zBefore)) / gamma;

        // The three gradients of the drawn samples into fx, gy, kz.
        void Gradients(double[] px, double[] py, double[] pz)
        {
            batch.Upper(px, py, fx, fy);
            batch.Lower(px, py, gx, gy);
            batch.Lower(px, pz, kx, kz);
            VectorKernels.AddScaled(1.0 / sigma, gx, fx);
            VectorKernels.AddScaled(-1.0 / sigma, kx, fx);
            VectorKernels.AddScaled(sigma, fy, gy);
        }
    }
}
